"""The real database stops and comes back: every route says so, webhooks are kept, and everything goes on by itself."""

import asyncio
import hmac
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from blazz.adapters.postgres import EmbeddedPostgres
from blazz.kernel.clock import SystemClock
from blazz.kernel.config import Settings
from blazz.kernel.db import Database, PoolSizes
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime
from blazz.kernel.security import Envelope
from blazz.main.api import make_app
from blazz.migrations import migrate
from blazz.migrations.runner import role_urls
from tests.conftest import WorkspaceFixture, make_workspace
from tests.factories import make_contacts, make_key, make_number
from tests.support_processes import free_port, serving

SECRET = "simulator-app-secret"


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A database server of this test's own, which it may stop."""
    folder = Path(tempfile.mkdtemp(prefix="blazz-away-"))
    folder.chmod(0o711)
    postgres = EmbeddedPostgres(folder / "home" / "postgres", overflow_root=folder / "overflow", memory_mb=1024)
    yield postgres
    postgres.destroy()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def installed(server: EmbeddedPostgres, settings: Settings) -> AsyncIterator[Runtime]:
    """A migrated installation on that server."""
    url = await asyncio.to_thread(server.start)
    await migrate(url, settings.key)
    database = Database(role_urls(url, settings.key), PoolSizes(app=4, system=4))
    await database.open()
    yield Runtime(settings=settings, database=database, clock=SystemClock(), envelope=Envelope(settings.key))
    await asyncio.wait_for(database.close(), 10)


def _calls(app: FastAPI) -> list[tuple[str, str]]:
    """Every documented call: method and path."""
    found = []
    for path, methods in app.openapi()["paths"].items():
        found += [(method.upper(), path) for method in methods]
    return found


# What one has to say before the database is asked anything.
_BODIES: dict[tuple[str, str], dict[str, object]] = {
    ("POST", "/api/v1/auth/login"): {"email": "a@b.example", "password": "long enough"},
    ("POST", "/api/v1/auth/sign-in-link"): {"token": "t"},
    ("PATCH", "/api/v1/auth/me"): {"name": "Budi"},
    ("POST", "/api/v1/auth/password"): {"current_password": "long enough 1", "new_password": "long enough 2"},
    ("POST", "/api/v1/auth/reset"): {"token": "t", "password": "long enough 2"},
    ("POST", "/api/v1/auth/setup"): {
        "token": "t", "email": "a@b.example", "name": "Budi", "password": "long enough", "workspace_name": "Toko",
    },
    ("POST", "/api/v1/auth/invites/look"): {"token": "t"},
    ("POST", "/api/v1/auth/invites/accept"): {"token": "t", "name": "Budi", "password": "long enough"},
    ("POST", "/api/v1/workspaces"): {"name": "Toko"},
}  # fmt: skip


async def _ask(client: httpx.AsyncClient, method: str, path: str, workspace: WorkspaceFixture) -> httpx.Response:
    """Ask as the holder of a key; where only a session is looked at, as a browser that has one."""
    filled = path.replace("{workspace}", workspace.slug)
    for name, value in (("{contact}", f"con_{'0' * 26}"), ("{contact_id}", f"con_{'0' * 26}")):
        filled = filled.replace(name, value)
    while "{" in filled:
        start, end = filled.index("{"), filled.index("}")
        filled = filled[:start] + "x" + filled[end + 1 :]
    body = _BODIES.get((method, filled), {}) if method in {"POST", "PUT", "PATCH"} else None
    answer = await client.request(method, filled, json=body)
    if answer.status_code == 503:
        return answer
    session = {"Authorization": "", "Cookie": "blazz_session=somebody"}
    return await client.request(method, filled, json=body, headers=session)


def _signed(body: bytes) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.digest(SECRET.encode(), body, "sha256").hex()}


def _delivery(number: int) -> bytes:
    return b'{"object":"whatsapp_business_account","entry":[],"n":%d}' % number


@pytest.fixture
async def workspace(installed: Runtime) -> WorkspaceFixture:
    """A workspace with a number and a contact on that server."""
    made = await make_workspace(installed.database)
    await make_number(installed, made)
    await make_contacts(installed, made, 1)
    return made


@asynccontextmanager
async def online(runtime: Runtime, workspace: WorkspaceFixture) -> AsyncIterator[tuple[httpx.AsyncClient, FastAPI]]:
    """Serve the application on a real socket, with a client that holds every scope."""
    headers = {"Authorization": f"Bearer {await make_key(runtime, workspace)}"}
    app, port = make_app(runtime), free_port()
    base = f"http://127.0.0.1:{port}"
    async with serving(app, port), httpx.AsyncClient(base_url=base, headers=headers, timeout=15) as client:
        yield client, app


async def until_ready(client: httpx.AsyncClient) -> None:
    """Wait until the readiness check passes."""
    deadline = time.monotonic() + 20
    while (await client.get("/readyz")).status_code != 200:
        assert time.monotonic() < deadline, "not ready again"
        await asyncio.sleep(0.1)


async def test_every_route_says_503_at_once_while_the_database_is_stopped(
    server: EmbeddedPostgres, installed: Runtime, workspace: WorkspaceFixture
) -> None:
    async with online(installed, workspace) as (client, app):
        assert (await client.get("/readyz")).status_code == 200
        await asyncio.to_thread(server.stop)
        calls = _calls(app)
        assert len(calls) > 60
        started, wrong = time.monotonic(), []
        for method, path in calls:
            answer = await _ask(client, method, path, workspace)
            seen = (answer.status_code, answer.headers.get("retry-after"), answer.headers["content-type"])
            if seen != (503, "2", "application/problem+json") or answer.json()["code"] != "service_unavailable":
                wrong.append((method, path, *seen, answer.text[:200]))
        assert wrong == []
        # Nobody waits for a time-out: a refused connection is known at once.
        assert (time.monotonic() - started) / len(calls) < 0.5
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["database"]) == (503, "away")
        assert [(await client.get(path)).status_code for path in ("/healthz", "/metrics")] == [200, 200]
        indonesian = await client.get("/api/v1/contacts", headers={"Accept-Language": "id"})
        assert "basis data" in indonesian.json()["detail"]


async def test_a_change_that_was_refused_meanwhile_is_made_once_by_the_same_key_afterwards(
    server: EmbeddedPostgres, installed: Runtime, workspace: WorkspaceFixture
) -> None:
    async with online(installed, workspace) as (client, _):
        path, key = f"/api/v1/workspaces/{workspace.slug}/contacts", {"Idempotency-Key": "k1"}
        await asyncio.to_thread(server.stop)
        refused = await client.post(path, json={"name": "Budi"}, headers=key)
        assert (refused.status_code, refused.json()["code"]) == (503, "service_unavailable")
        await asyncio.to_thread(server.start)
        await until_ready(client)
        answers = [await client.post(path, json={"name": "Budi"}, headers=key) for _ in range(2)]
        assert [one.status_code for one in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()
        assert len((await client.get("/api/v1/contacts")).json()["data"]) == 2


async def test_webhooks_are_taken_meanwhile_and_stored_once_when_the_database_is_back(
    server: EmbeddedPostgres, installed: Runtime, workspace: WorkspaceFixture
) -> None:
    async with installed.database.workspace(workspace.id) as tx:
        account = encode_id("acc", await tx.fetchval("SELECT id FROM channel_accounts"))
    async with online(installed, workspace) as (client, _):

        async def deliver(number: int, signature_of: bytes | None = None) -> int:
            body = _delivery(number)
            signature = _signed(body if signature_of is None else signature_of)
            return (await client.post(f"/webhooks/meta/{account}", content=body, headers=signature)).status_code

        assert await deliver(0) == 200
        await asyncio.to_thread(server.stop)
        assert {await deliver(number) for number in range(1, 51)} == {200}
        assert await deliver(99, b"something else") == 403
        await asyncio.to_thread(server.start)
        await until_ready(client)
        kept: list[bytes] = []
        deadline = time.monotonic() + 20
        while len(kept) < 51:
            assert time.monotonic() < deadline, f"only {len(kept)} webhooks came back"
            await asyncio.sleep(0.05)
            async with installed.database.system() as everything:
                kept = [row["body"] for row in await everything.fetch("SELECT body FROM webhook_deliveries")]
    assert sorted(kept) == sorted(_delivery(number) for number in range(51))
