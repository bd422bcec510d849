"""Signing in: passwords, sessions, one-time links, and what another site cannot do."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from blazz.domains.identity import create_user, find_session, make_one_time_token, needs_setup, open_session
from blazz.domains.workspaces import Role, add_member
from blazz.kernel.db import Database
from blazz.kernel.errors import InvalidInput
from blazz.kernel.runtime import Runtime
from blazz.main.api import make_app
from tests.conftest import WorkspaceFixture

PASSWORD = "kopi susu gula aren 7"


@pytest.fixture
async def browser(runtime: Runtime, workspace: WorkspaceFixture) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session; Rina, an agent of the workspace, may sign in."""
    async with runtime.database.system() as tx:
        rina = await create_user(tx, email="Rina@Toko.example", name="Rina", password=PASSWORD)
    async with runtime.database.workspace(workspace.id) as tx_workspace:
        await add_member(tx_workspace, workspace.owner, rina, Role.AGENT)
    transport = httpx.ASGITransport(app=make_app(runtime), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=runtime.settings.base_url) as client:
        yield client


async def sign_in(browser: httpx.AsyncClient, password: str = PASSWORD) -> httpx.Response:
    """Sign Rina in."""
    return await browser.post("/api/v1/auth/login", json={"email": "rina@toko.example", "password": password})


async def test_a_session_opens_works_and_ends(browser: httpx.AsyncClient, workspace: WorkspaceFixture) -> None:
    answer = await sign_in(browser)
    assert answer.status_code == 200
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert (await browser.get("/api/v1/auth/me")).json()["email"] == "rina@toko.example"
    own = (await browser.get("/api/v1/workspaces")).json()
    assert [(one["id"], one["role"]) for one in own] == [(workspace.slug, "agent")]
    assert (await browser.get(f"/api/v1/workspaces/{workspace.slug}/contacts")).status_code == 200
    csrf = {"X-CSRF-Token": answer.json()["csrf_token"]}
    logged_out = [(await browser.post("/api/v1/auth/logout", headers=h)).status_code for h in ({}, csrf)]
    assert logged_out == [403, 204]
    assert (await browser.get("/api/v1/auth/me")).status_code == 401


async def test_a_wrong_password_and_an_unknown_person_look_the_same(browser: httpx.AsyncClient) -> None:
    wrong = await sign_in(browser, "bukan kata sandi")
    unknown = await browser.post("/api/v1/auth/login", json={"email": "x@y.example", "password": "apa saja ya"})
    hidden = {"request_id"}
    shown = [{k: v for k, v in one.json().items() if k not in hidden} for one in (wrong, unknown)]
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert shown[0] == shown[1]


async def test_guessing_is_slowed_down_and_stays_counted(browser: httpx.AsyncClient) -> None:
    answers = [(await sign_in(browser, f"tebakan nomor {index}")).status_code for index in range(7)]
    assert answers == [401] * 5 + [429] * 2
    late = await sign_in(browser)
    assert (late.status_code, late.json()["code"]) == (429, "too_many_attempts")
    assert int(late.headers["retry-after"]) >= 1


async def test_a_change_without_the_csrf_token_or_from_another_site_is_refused(
    browser: httpx.AsyncClient, workspace: WorkspaceFixture
) -> None:
    csrf = (await sign_in(browser)).json()["csrf_token"]
    path, body = f"/api/v1/workspaces/{workspace.slug}/contacts", {"name": "Budi", "phone": "081234567890"}
    bare = await browser.post(path, json=body)
    foreign = await browser.post(path, json=body, headers={"X-CSRF-Token": csrf, "Origin": "https://evil.example"})
    good = await browser.post(path, json=body, headers={"X-CSRF-Token": csrf})
    assert [one.status_code for one in (bare, foreign, good)] == [403, 403, 201]
    assert bare.json()["code"] == "csrf_failed"


async def test_an_agent_is_blocked_where_the_role_says_so(
    browser: httpx.AsyncClient, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    csrf = (await sign_in(browser)).json()["csrf_token"]
    headers = {"X-CSRF-Token": csrf}
    base = f"/api/v1/workspaces/{workspace.slug}"
    keys = await browser.post(f"{base}/keys", json={"name": "k", "scopes": ["contacts:read"]}, headers=headers)
    assert (keys.status_code, keys.json()["code"]) == (403, "forbidden")
    assert (await browser.get(f"{base}/audit-logs")).status_code == 403
    assert (await browser.get(f"/api/v1/workspaces/{other_workspace.slug}/contacts")).status_code == 404


async def test_a_sign_in_link_works_once(browser: httpx.AsyncClient, runtime: Runtime) -> None:
    now = runtime.clock.now()
    async with runtime.database.system() as tx:
        user_id = await tx.fetchval("SELECT id FROM users WHERE email = 'rina@toko.example'")
        token = await make_one_time_token(tx, "sign_in", now, user_id=user_id)
        setup = await make_one_time_token(tx, "setup", now)
    first = await browser.post("/api/v1/auth/sign-in-link", json={"token": token})
    second = await browser.post("/api/v1/auth/sign-in-link", json={"token": token})
    wrong_purpose = await browser.post("/api/v1/auth/sign-in-link", json={"token": setup})
    assert [one.status_code for one in (first, second, wrong_purpose)] == [200, 409, 409]
    assert second.json()["code"] == "link_not_valid"


async def test_sessions_end_by_age_and_by_idleness(database: Database, runtime: Runtime) -> None:
    now = runtime.clock.now()
    async with database.system() as tx:
        assert await needs_setup(tx)
        user_id = await create_user(tx, email="a@b.example", name="Ani", password=None)
        assert not await needs_setup(tx)
        token, _ = await open_session(tx, user_id, now)
        assert await find_session(tx, token, now + timedelta(hours=11)) is not None
        assert await find_session(tx, token, now + timedelta(hours=24)) is None
        assert await find_session(tx, "x" * 43, now) is None


@pytest.mark.parametrize(
    ("field", "email", "name", "password"),
    [
        ("/email", "no address", "Ani", PASSWORD),
        ("/name", "a@b.example", " ", PASSWORD),
        ("/password", "a@b.example", "Ani", "password"),
        ("/password", "a@b.example", "Ani", "short"),
        ("/password", "tokomaju@b.example", "Ani", "tokomaju1"),
    ],
)
async def test_a_weak_start_is_refused_with_the_field_named(
    database: Database, field: str, email: str, name: str, password: str
) -> None:
    async with database.system() as tx:
        with pytest.raises(InvalidInput) as refusal:
            await create_user(tx, email=email, name=name, password=password)
    assert [problem.pointer for problem in refusal.value.problems] == [field]
