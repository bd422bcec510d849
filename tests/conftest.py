"""Fixtures every test may use: a real PostgreSQL built from the migrations, one fresh clone per test."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import httpx
import pytest

from blazz.adapters.postgres import EmbeddedPostgres
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.clock import SystemClock
from blazz.kernel.config import Settings, load_settings
from blazz.kernel.db import Database, PoolSizes
from blazz.kernel.ids import encode_id, new_uuid7
from blazz.kernel.runtime import Runtime
from blazz.kernel.security import Envelope, SecretKey
from blazz.migrations import migrate
from blazz.migrations.runner import role_urls
from tests.support_pgbouncer import PROGRAM as PGBOUNCER
from tests.support_pgbouncer import pgbouncer, through

# The API and the send path also run through a pooler (reliability of the wire, not of one domain's rules).
POOLED = (
    "tests/main/test_api.py",
    "tests/main/test_campaign_end_to_end.py",
    "tests/main/test_missing_partitions.py",
    "tests/domains/inbox/",
    "tests/domains/campaigns/",
    "tests/domains/channels/test_deliveries.py",
    "tests/domains/channels/test_intake.py",
    "tests/domains/channels/test_numbers.py",
    "tests/domains/contacts/test_routes.py",
    "tests/domains/identity/",
    "tests/domains/templates/",
    "tests/domains/workspaces/",
)
SECRET = "a test secret that is long enough to pass"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceFixture:
    """A workspace with its owner."""

    id: int
    public_id: UUID
    owner: Actor
    user_id: UUID

    @property
    def slug(self) -> str:
        """The id as it stands in URLs."""
        return encode_id("wsp", self.public_id)


def on_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def run_as_owner(url: str, *statements: str) -> None:
    """Run statements one by one, outside a transaction."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The owner's address of a server for this test run: the embedded one unless another is named."""
    named = os.environ.get("BLAZZ_TEST_DATABASE_URL")
    if named:
        yield named
        return
    folder = Path(tempfile.mkdtemp(prefix="blazz-tests-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder / "home" / "postgres", overflow_root=folder / "overflow", memory_mb=2048)
    url = server.start()
    # Tests need no crash safety except those that start servers of their own; this makes clones cheap.
    asyncio.run(run_as_owner(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"))
    yield url
    server.destroy()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template_url(server_url: str) -> str:
    """A migrated database that every test clones."""
    asyncio.run(run_as_owner(server_url, "DROP DATABASE IF EXISTS blazz_template", "CREATE DATABASE blazz_template"))
    url = on_database(server_url, "blazz_template")
    asyncio.run(migrate(url, SecretKey(SECRET.encode())))
    return url


@pytest.fixture
async def owner_url(server_url: str, template_url: str) -> AsyncIterator[str]:
    """The owner's address of a fresh clone, removed after the test."""
    assert template_url
    name = f"blazz_test_{os.getpid()}_{next(_numbers)}"
    await run_as_owner(server_url, f"CREATE DATABASE {name} TEMPLATE blazz_template STRATEGY FILE_COPY")
    yield on_database(server_url, name)
    await run_as_owner(server_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of the API and of the send path twice: straight to the server, and through PgBouncer."""
    path = metafunc.definition.path.relative_to(metafunc.config.rootpath).as_posix()
    if "way" in metafunc.fixturenames and path.startswith(POOLED):
        pooled = pytest.param("pgbouncer", marks=pytest.mark.needs_pgbouncer)
        metafunc.parametrize("way", ["direct", pooled], indirect=True)


@pytest.fixture
def way(request: pytest.FixtureRequest) -> str:
    """How a test reaches the database: ``direct`` or ``pgbouncer``."""
    return getattr(request, "param", "direct")


@pytest.fixture(scope="session")
def pooler_port(server_url: str) -> Iterator[int]:
    """A PgBouncer in transaction mode in front of the server."""
    if PGBOUNCER is None:
        # `./blazz test` leaves these tests out and says so; only a bare pytest comes here.
        if os.environ.get("BLAZZ_REQUIRE_ALL") == "1":
            pytest.fail("pgbouncer is not installed")
        pytest.skip("pgbouncer is not installed (Debian: apt install pgbouncer)")
    urls = role_urls(server_url, SecretKey(SECRET.encode()))
    folder = Path(tempfile.mkdtemp(prefix="blazz-pooler-"))
    with pgbouncer(folder, server_url, [urls.app, urls.system]) as port:
        yield port
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def database(owner_url: str, way: str, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """The pools of a fresh clone, by the way the test takes."""
    from blazz.main.wiring import event_listeners

    urls, pooled = role_urls(owner_url, SecretKey(SECRET.encode())), way == "pgbouncer"
    if pooled:
        port: int = request.getfixturevalue("pooler_port")
        urls = replace(urls, app=through(port, urls.app), system=through(port, urls.system))
    opened = Database(urls, PoolSizes(app=8, system=6), through_pooler=pooled, listeners=event_listeners())
    await opened.open()
    yield opened
    await asyncio.wait_for(opened.close(), 10)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a throw-away home."""
    return load_settings({}, home=tmp_path / "home", secret_key=SECRET, environment="test")


@pytest.fixture
def envelope() -> Envelope:
    """The envelope sealed with the test secret."""
    return Envelope(SecretKey(SECRET.encode()))


@pytest.fixture
def runtime(database: Database, settings: Settings, envelope: Envelope) -> Runtime:
    """What a process carries."""
    return Runtime(settings=settings, database=database, clock=SystemClock(), envelope=envelope)


async def make_workspace(database: Database, name: str = "Toko Sinar") -> WorkspaceFixture:
    """Create a user and a workspace they own, on the unlimited plan."""
    user_id, public_id = new_uuid7(), new_uuid7()
    async with database.system() as tx:
        await tx.execute(
            "INSERT INTO users (id, email, name) VALUES ($1, $2, 'Sari Owner')", user_id, f"{user_id.hex}@toko.example"
        )
        workspace_id = await tx.fetchval(
            "INSERT INTO workspaces (public_id, name, plan_id) VALUES ($1, $2, 'self_hosted') RETURNING id",
            public_id,
            name,
        )
        await tx.execute(
            "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'owner')", workspace_id, user_id
        )
    owner = Actor(
        kind="user", workspace_id=workspace_id, permissions=frozenset(Permission), user_id=user_id, role="owner"
    )
    return WorkspaceFixture(id=workspace_id, public_id=public_id, owner=owner, user_id=user_id)


@pytest.fixture
async def workspace(database: Database) -> WorkspaceFixture:
    """A workspace."""
    return await make_workspace(database)


@pytest.fixture
async def other_workspace(database: Database) -> WorkspaceFixture:
    """Another workspace, which must never be seen from the first."""
    return await make_workspace(database, "Warung Lain")


@pytest.fixture
def make_actor(workspace: WorkspaceFixture) -> Callable[..., Actor]:
    """Make an actor of the workspace that holds only the given permissions."""

    def make(*permissions: Permission, role: str = "viewer") -> Actor:
        return Actor(
            kind="user",
            workspace_id=workspace.id,
            permissions=frozenset(permissions),
            user_id=workspace.user_id,
            role=role,
        )

    return make


@pytest.fixture
async def api(runtime: Runtime, workspace: WorkspaceFixture) -> AsyncIterator[httpx.AsyncClient]:
    """A client signed in as the owner of ``workspace`` with a key that holds every scope."""
    from blazz.main.api import make_app
    from tests.factories import make_key

    token = await make_key(runtime, workspace)
    transport = httpx.ASGITransport(app=make_app(runtime), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://blazz.test", headers={"Authorization": f"Bearer {token}"}
    ) as client:
        yield client
