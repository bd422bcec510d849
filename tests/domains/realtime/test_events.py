"""The events API: in the order of commits, without gaps, only what the reader may see."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from blazz.domains.campaigns import CampaignCompleted
from blazz.domains.contacts import ContactOptedOut
from blazz.domains.realtime import EventsExpired, event_head, list_events
from blazz.domains.realtime.service import FAMILIES, WINDOW
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import Database
from blazz.kernel.errors import PermissionDenied
from blazz.kernel.events import Event
from blazz.kernel.ids import new_uuid7
from blazz.kernel.runtime import Runtime
from blazz.migrations import ensure_partitions
from blazz.migrations.retention import drop_expired_months
from tests.conftest import WorkspaceFixture
from tests.factories import make_key

SOURCE = "test"


def opted_out(workspace: WorkspaceFixture, contact_id: UUID | None = None) -> ContactOptedOut:
    """An event of the family contact."""
    return ContactOptedOut(workspace_id=workspace.id, contact_id=contact_id or new_uuid7(), source=SOURCE)


def completed(workspace: WorkspaceFixture) -> CampaignCompleted:
    """An event of the family campaign."""
    return CampaignCompleted(workspace_id=workspace.id, campaign_id=new_uuid7())


async def publish(database: Database, workspace: WorkspaceFixture, *events: Event) -> None:
    """Publish events in a transaction of their own."""
    async with database.workspace(workspace.id) as tx:
        tx.publish(*events)


async def read(database: Database, workspace: WorkspaceFixture, after: int | None = None) -> list[int]:
    """Read the positions after one."""
    async with database.workspace(workspace.id) as tx:
        return [event.position for event in (await list_events(tx, workspace.owner, after, 100)).events]


async def test_an_event_that_commits_late_is_never_skipped(database: Database, workspace: WorkspaceFixture) -> None:
    early, late = opted_out(workspace), opted_out(workspace)
    async with database.workspace(workspace.id) as first:
        # The first transaction has its event written and not committed while the second one tries to commit.
        first.publish(early)
        await first.flush()
        second = asyncio.create_task(publish(database, workspace, late))
        for _ in range(20):
            # Whatever a reader sees meanwhile, it sees nothing from behind the open transaction.
            assert await read(database, workspace) == []
            await asyncio.sleep(0.01)
        assert not second.done()
    await second
    async with database.workspace(workspace.id) as tx:
        found = await list_events(tx, workspace.owner, None, 100)
    assert [event.position for event in found.events] == [1, 2]
    assert [str(event.contact_id) in stored.payload for event, stored in zip((early, late), found.events, strict=True)]


async def test_a_rolled_back_transaction_leaves_no_gap_and_no_event(
    database: Database, workspace: WorkspaceFixture
) -> None:
    async def change_my_mind() -> None:
        async with database.workspace(workspace.id) as tx:
            tx.publish(opted_out(workspace))
            await tx.flush()
            raise RuntimeError("changed my mind")

    await publish(database, workspace, opted_out(workspace))
    with pytest.raises(RuntimeError, match="changed my mind"):
        await change_my_mind()
    await publish(database, workspace, opted_out(workspace))
    assert await read(database, workspace) == [1, 2]


async def test_a_reader_beside_many_writers_sees_every_event_once_and_in_order(
    database: Database, workspace: WorkspaceFixture
) -> None:
    writers, each = 6, 15
    seen: list[int] = []

    async def write() -> None:
        for _ in range(each):
            await publish(database, workspace, opted_out(workspace), completed(workspace))

    async def follow() -> None:
        position = 0
        while len(seen) < writers * each * 2:
            async with database.workspace(workspace.id) as tx:
                found = await list_events(tx, workspace.owner, position, 7)
            seen.extend(event.position for event in found.events)
            position = found.position

    await asyncio.wait_for(asyncio.gather(follow(), *(write() for _ in range(writers))), 30)
    assert seen == list(range(1, writers * each * 2 + 1))


async def test_the_system_numbers_each_workspace_on_its_own(
    database: Database, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    async with database.system() as tx:
        tx.publish(opted_out(other_workspace), opted_out(workspace), opted_out(other_workspace))
    assert await read(database, workspace) == [1]
    assert await read(database, other_workspace) == [1, 2]


async def test_a_client_resumes_over_http_where_it_stopped(
    api: httpx.AsyncClient, database: Database, workspace: WorkspaceFixture
) -> None:
    url = f"/api/v1/workspaces/{workspace.slug}/events"
    start = (await api.get(url, params={"after": "now"})).json()
    assert (start["data"], start["has_more"]) == ([], False)
    await publish(database, workspace, *(opted_out(workspace) for _ in range(5)), completed(workspace))
    types: list[str] = []
    cursor, more = start["next_cursor"], True
    while more:
        page = (await api.get(url, params={"after": cursor, "limit": "2"})).json()
        types += [item["type"] for item in page["data"]]
        cursor, more = page["next_cursor"], page["has_more"]
    assert types == ["contact.opted_out"] * 5 + ["campaign.completed"]
    again = (await api.get(url, params={"after": cursor})).json()
    assert (again["data"], again["next_cursor"]) == ([], cursor)
    narrow = (await api.get(url, params={"after": start["next_cursor"], "types": "campaign.*"})).json()
    assert [item["type"] for item in narrow["data"]] == ["campaign.completed"]
    assert narrow["data"][0]["id"].startswith("evt_")


@pytest.mark.parametrize(
    "query",
    [{"after": "x"}, {"after": "WyJhYmMiXQ"}, {"types": "nonsense"}, {"types": "contact.created,,"}, {"limit": "0"}],
)
async def test_a_wrong_question_is_refused(
    api: httpx.AsyncClient, workspace: WorkspaceFixture, query: dict[str, str]
) -> None:
    answer = await api.get(f"/api/v1/workspaces/{workspace.slug}/events", params=query)
    assert answer.status_code == 422


async def test_a_reader_sees_only_families_it_may_read(
    database: Database, workspace: WorkspaceFixture, make_actor: Callable[..., Actor]
) -> None:
    await publish(database, workspace, opted_out(workspace), completed(workspace))
    reader = make_actor(Permission.WORKSPACE_READ, Permission.CAMPAIGNS_READ)
    async with database.workspace(workspace.id) as tx:
        found = await list_events(tx, reader, None, 100)
        assert [event.type for event in found.events] == ["campaign.completed"]
        # What was left out is behind the reader all the same.
        assert (found.position, found.has_more) == (2, False)
        with pytest.raises(PermissionDenied):
            await list_events(tx, reader, None, 100, types=["contact.opted_out"])
        with pytest.raises(PermissionDenied):
            await list_events(tx, make_actor(Permission.CONTACTS_READ), None, 100)
        with pytest.raises(PermissionDenied):
            await event_head(tx, make_actor())


async def test_another_workspace_is_not_there(
    api: httpx.AsyncClient, database: Database, other_workspace: WorkspaceFixture
) -> None:
    await publish(database, other_workspace, opted_out(other_workspace))
    assert (await api.get(f"/api/v1/workspaces/{other_workspace.slug}/events")).status_code == 404


async def test_a_rare_type_is_found_beyond_one_window(database: Database, workspace: WorkspaceFixture) -> None:
    await publish(database, workspace, *(opted_out(workspace) for _ in range(WINDOW)), completed(workspace))
    async with database.workspace(workspace.id) as tx:
        first = await list_events(tx, workspace.owner, None, 10, types=["campaign.completed"])
        second = await list_events(tx, workspace.owner, first.position, 10, types=["campaign.completed"])
    assert (first.events, first.position, first.has_more) == ([], WINDOW, True)
    assert ([event.position for event in second.events], second.has_more) == ([WINDOW + 1], False)


async def test_expired_months_go_in_one_piece_and_readers_are_told(
    database: Database, workspace: WorkspaceFixture, owner_url: str
) -> None:
    await publish(database, workspace, *(opted_out(workspace) for _ in range(3)))
    connection = await asyncpg.connect(owner_url)
    try:
        now = datetime.now(UTC)
        assert await drop_expired_months(connection, now, 90) == []
        later = now + timedelta(days=200)
        await ensure_partitions(connection, later)
        dropped = await drop_expired_months(connection, later, 90)
        assert f"events_{now:%Y_%m}" in dropped
        kept = await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", f"messages_{now:%Y_%m}")
        assert kept
        assert await drop_expired_months(connection, later, 90) == []
    finally:
        await connection.close()
    async with database.workspace(workspace.id) as tx:
        with pytest.raises(EventsExpired) as refusal:
            await list_events(tx, workspace.owner, 1, 10)
        assert refusal.value.data == {"oldest": 4}
        assert (await list_events(tx, workspace.owner, None, 10)).events == []
        assert await event_head(tx, workspace.owner) == 3


async def test_a_key_without_the_right_is_refused_over_http(
    runtime: Runtime, api: httpx.AsyncClient, workspace: WorkspaceFixture
) -> None:
    token = await make_key(runtime, workspace, Permission.CONTACTS_READ)
    answer = await api.get(f"/api/v1/workspaces/{workspace.slug}/events", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_every_event_of_the_product_belongs_to_a_family() -> None:
    def kinds(kind: type[Event]) -> list[type[Event]]:
        return [sub for child in kind.__subclasses__() for sub in (child, *kinds(child))]

    own = [kind for kind in kinds(Event) if kind.__module__.startswith("blazz.")]
    assert len(own) > 20
    assert not [kind.type for kind in own if kind.type.partition(".")[0] not in FAMILIES]
