"""Through PgBouncer in transaction mode: no setting, lock or statement of one client reaches another (reliability 4.4)."""

import asyncio

import asyncpg
import pytest

from blazz.domains.channels import list_numbers
from blazz.kernel.db import Database
from blazz.kernel.security import SecretKey
from blazz.migrations.runner import role_urls
from tests.conftest import WorkspaceFixture
from tests.support_pgbouncer import through

POOLER = "postgresql://bouncer:secret@127.0.0.1:6432/shop"


@pytest.mark.parametrize("way", [pytest.param("pgbouncer", marks=pytest.mark.needs_pgbouncer)], indirect=True)
async def test_workspaces_that_share_server_connections_never_see_each_other(
    database: Database, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    assert database.through_pooler

    async def look(home: WorkspaceFixture) -> set[int]:
        async with database.workspace(home.id) as tx:
            await asyncio.sleep(0)
            rows = await tx.fetch("SELECT workspace_id FROM members WHERE $1::int IS NOT NULL", home.id)
            assert await list_numbers(tx, home.owner, after=None, limit=1) == []
        return {row["workspace_id"] for row in rows}

    homes = [workspace, other_workspace] * 40
    assert await asyncio.gather(*(look(home) for home in homes)) == [{home.id} for home in homes]


@pytest.mark.parametrize("way", [pytest.param("pgbouncer", marks=pytest.mark.needs_pgbouncer)], indirect=True)
async def test_a_connection_that_served_a_workspace_shows_nothing_to_whom_names_none(
    database: Database, workspace: WorkspaceFixture
) -> None:
    for _ in range(8):
        async with database.workspace(workspace.id) as tx:
            assert await tx.fetchval("SELECT count(*) FROM members") == 1
        connection = await asyncpg.connect(database.urls.app, statement_cache_size=0)
        try:
            # One simple-protocol call, as any client of the pool could send.
            assert await connection.execute("SELECT 1 FROM members") == "SELECT 0"
        finally:
            await connection.close()


@pytest.mark.parametrize("way", [pytest.param("pgbouncer", marks=pytest.mark.needs_pgbouncer)], indirect=True)
async def test_single_statements_keep_their_two_halves_together(database: Database) -> None:
    async def ask(number: int) -> int:
        async with database.system_connection() as connection:
            found: int = await connection.fetchval(f"SELECT $1::int + {number}", number)
        return found

    assert await asyncio.gather(*(ask(number) for number in range(200))) == [2 * number for number in range(200)]


@pytest.mark.parametrize("way", [pytest.param("pgbouncer", marks=pytest.mark.needs_pgbouncer)], indirect=True)
async def test_the_job_queue_listens_past_the_pooler(database: Database, owner_url: str) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    connection = await asyncpg.connect(database.urls.queue)
    try:
        await connection.add_listener("shop", lambda *news: heard.put_nowait(news[3]))
        async with database.system() as tx:
            await tx.execute("SELECT pg_notify('shop', 'open')")
        assert await asyncio.wait_for(heard.get(), 5) == "open"
    finally:
        await connection.close()
    assert database.urls.queue.rpartition("@")[2] == owner_url.rpartition("@")[2]


def test_the_queue_takes_the_systems_login_to_the_owners_server() -> None:
    urls = role_urls("postgresql://owner:x@db.internal:5432/shop", SecretKey(b"k" * 32), system=POOLER)
    assert urls.queue == "postgresql://bouncer:secret@db.internal:5432/shop"
    assert urls.system == POOLER
    assert through(7000, urls.app).endswith("@127.0.0.1:7000/shop")
