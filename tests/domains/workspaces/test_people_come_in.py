"""The setup link, invites and one's own account: each link works once, for the right person, and no longer than it should."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from blazz.domains.identity import create_user, make_one_time_token
from blazz.domains.workspaces import Role, add_member, make_setup_token
from blazz.kernel.runtime import Runtime
from blazz.main.api import make_app
from tests.conftest import WorkspaceFixture

PASSWORD = "kopi susu gula aren 7"
OTHER = "teh tarik manis dingin 9"


@asynccontextmanager
async def browser(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """Open a browser of its own, with nothing in it."""
    transport = httpx.ASGITransport(app=make_app(runtime), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=runtime.settings.base_url) as client:
        yield client


@pytest.fixture
async def client(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session."""
    async with browser(runtime) as opened:
        yield opened


async def sign_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    """Sign in and keep the CSRF token for every later change."""
    answer = await client.post("/api/v1/auth/login", json={"email": email, "password": password})
    if answer.status_code == 200:
        client.headers["x-csrf-token"] = answer.json()["csrf_token"]
    return answer


async def make_person(
    runtime: Runtime, email: str, workspace: WorkspaceFixture | None = None, role: Role = Role.AGENT
) -> None:
    """Create a person, in a workspace when one is given."""
    async with runtime.database.system() as tx:
        user_id = await create_user(tx, email=email, name="Rina", password=PASSWORD)
    if workspace is not None:
        async with runtime.database.workspace(workspace.id) as tx_workspace:
            await add_member(tx_workspace, workspace.owner, user_id, role)


def setup_body(token: str, **changes: str) -> dict[str, str]:
    """Return a complete setup request."""
    return {
        "token": token,
        "email": "Sari@Toko.example",
        "name": "Sari",
        "password": PASSWORD,
        "workspace_name": "Toko Sinar",
    } | changes


async def setup_token(runtime: Runtime) -> str:
    """Make the setup link of an instance without people."""
    async with runtime.database.system() as tx:
        token = await make_setup_token(tx, runtime.clock.now())
    assert token is not None
    return token


async def test_the_setup_link_makes_the_first_person_and_workspace_once(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    token = await setup_token(runtime)
    assert (await client.get("/api/v1/auth/setup")).json() == {"is_needed": True}

    weak = await client.post("/api/v1/auth/setup", json=setup_body(token, password="12345678"))
    nowhere = await client.post("/api/v1/auth/setup", json=setup_body(token, timezone="Factory"))
    done = await client.post("/api/v1/auth/setup", json=setup_body(token))
    again = await client.post("/api/v1/auth/setup", json=setup_body(token, email="lain@toko.example"))

    assert [weak.status_code, nowhere.status_code, done.status_code, again.status_code] == [422, 422, 201, 409]
    assert weak.json()["errors"][0]["pointer"] == "/password"
    own = (await client.get("/api/v1/workspaces")).json()
    assert [(one["id"], one["name"], one["role"]) for one in own] == [
        (done.json()["workspace_id"], "Toko Sinar", "owner")
    ]
    assert (await client.get("/api/v1/auth/setup")).json() == {"is_needed": False}
    async with runtime.database.system() as tx:
        assert await make_setup_token(tx, runtime.clock.now()) is None


async def test_a_newer_setup_link_ends_the_older_and_a_wrong_one_opens_nothing(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    older, newer = await setup_token(runtime), await setup_token(runtime)

    refused = [await client.post("/api/v1/auth/setup", json=setup_body(one)) for one in (older, "tebakan", newer[:-1])]

    assert [one.status_code for one in refused] == [409] * 3
    assert {one.json()["code"] for one in refused} == {"link_not_valid"}
    assert (await client.post("/api/v1/auth/setup", json=setup_body(newer))).status_code == 201


async def test_two_people_with_the_setup_link_make_one_instance(runtime: Runtime) -> None:
    token = await setup_token(runtime)

    async def try_it(email: str) -> int:
        async with browser(runtime) as one:
            return (await one.post("/api/v1/auth/setup", json=setup_body(token, email=email))).status_code

    assert sorted(await asyncio.gather(try_it("a@toko.example"), try_it("b@toko.example"))) == [201, 409]


async def test_an_invite_brings_somebody_new_in_once(
    runtime: Runtime, api: httpx.AsyncClient, workspace: WorkspaceFixture, client: httpx.AsyncClient
) -> None:
    base = f"/api/v1/workspaces/{workspace.slug}"
    made = (await api.post(f"{base}/invites", json={"email": "Budi@Toko.example", "role": "marketer"})).json()
    assert [one["email"] for one in (await api.get(f"{base}/invites")).json()] == ["budi@toko.example"]
    look = await client.post("/api/v1/auth/invites/look", json={"token": made["token"]})
    assert look.json() == {
        "workspace_name": look.json()["workspace_name"],
        "email": "budi@toko.example",
        "role": "marketer",
        "has_account": False,
    }

    body = {"token": made["token"], "name": "Budi", "password": PASSWORD}
    weak = await client.post("/api/v1/auth/invites/accept", json=body | {"password": "pendek"})
    joined = await client.post("/api/v1/auth/invites/accept", json=body)
    again = await client.post("/api/v1/auth/invites/accept", json=body)

    assert (weak.status_code, joined.status_code) == (422, 200)
    assert again.status_code in {403, 409}, "a second use opens nothing, whoever asks"
    assert [one["role"] for one in (await client.get("/api/v1/workspaces")).json()] == ["marketer"]
    assert (await api.get(f"{base}/invites")).json() == []
    log = (await api.get(f"{base}/audit-logs")).json()["data"]
    assert {"invite.created", "member.joined"} <= {one["action"] for one in log}


async def test_an_invite_is_for_the_person_it_names(
    runtime: Runtime, api: httpx.AsyncClient, workspace: WorkspaceFixture, client: httpx.AsyncClient
) -> None:
    await make_person(runtime, "dewi@toko.example")
    await make_person(runtime, "eko@toko.example")
    base = f"/api/v1/workspaces/{workspace.slug}"
    token = (await api.post(f"{base}/invites", json={"email": "dewi@toko.example", "role": "agent"})).json()["token"]

    stranger = await client.post("/api/v1/auth/invites/accept", json={"token": token, "password": OTHER, "name": "X"})
    await sign_in(client, "eko@toko.example")
    other = await client.post("/api/v1/auth/invites/accept", json={"token": token})
    async with browser(runtime) as hers:
        await sign_in(hers, "dewi@toko.example")
        accepted = await hers.post("/api/v1/auth/invites/accept", json={"token": token})

    assert (stranger.json()["code"], other.json()["code"]) == ("sign_in_needed", "invite_for_other_person")
    assert accepted.status_code == 200
    twice = await api.post(f"{base}/invites", json={"email": "dewi@toko.example", "role": "agent"})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_member")


async def test_a_revoked_replaced_or_old_invite_opens_nothing(
    runtime: Runtime, api: httpx.AsyncClient, workspace: WorkspaceFixture, client: httpx.AsyncClient
) -> None:
    base = f"/api/v1/workspaces/{workspace.slug}"
    first = (await api.post(f"{base}/invites", json={"email": "gita@toko.example", "role": "agent"})).json()
    second = (await api.post(f"{base}/invites", json={"email": "gita@toko.example", "role": "viewer"})).json()
    assert (await api.delete(f"{base}/invites/{second['id']}")).status_code == 204
    async with runtime.database.system() as tx:
        old = await make_one_time_token(
            tx, "invite", runtime.clock.now() - timedelta(days=8), workspace_id=workspace.id
        )

    answers = [
        await client.post("/api/v1/auth/invites/look", json={"token": one})
        for one in (first["token"], second["token"], old, "x")
    ]

    assert [one.status_code for one in answers] == [409] * 4
    assert (await api.delete(f"{base}/invites/{second['id']}")).status_code == 404


async def test_only_owners_invite_owners_and_agents_invite_nobody(
    runtime: Runtime, workspace: WorkspaceFixture, client: httpx.AsyncClient
) -> None:
    await make_person(runtime, "admin@toko.example", workspace, Role.ADMIN)
    await make_person(runtime, "agen@toko.example", workspace, Role.AGENT)
    url = f"/api/v1/workspaces/{workspace.slug}/invites"
    await sign_in(client, "admin@toko.example")
    assert (await client.post(url, json={"email": "h@toko.example", "role": "owner"})).status_code == 403
    assert (await client.post(url, json={"email": "h@toko.example", "role": "admin"})).status_code == 201
    assert (await client.post(url, json={"email": "bukan email", "role": "agent"})).status_code == 422
    async with browser(runtime) as agent:
        await sign_in(agent, "agen@toko.example")
        assert (await agent.post(url, json={"email": "i@toko.example", "role": "agent"})).status_code == 403


async def test_members_leave_but_the_last_owner_stays(
    runtime: Runtime, api: httpx.AsyncClient, workspace: WorkspaceFixture, client: httpx.AsyncClient
) -> None:
    await make_person(runtime, "rina@toko.example", workspace)
    await sign_in(client, "rina@toko.example")
    url = f"/api/v1/auth/workspaces/{workspace.slug}"

    assert (await client.delete(url)).status_code == 204
    assert (await client.delete(url)).status_code == 404
    assert (await client.get("/api/v1/workspaces")).json() == []
    assert (await api.delete(url)).status_code == 404, "a key is no member"
    own = (await client.post("/api/v1/workspaces", json={"name": "Toko Kedua"})).json()["id"]
    last = await client.delete(f"/api/v1/auth/workspaces/{own}")
    assert (last.status_code, last.json()["code"]) == (409, "last_owner")


async def test_a_person_makes_another_workspace(runtime: Runtime, client: httpx.AsyncClient) -> None:
    await make_person(runtime, "rina@toko.example")
    body = {"name": "Toko Kedua", "timezone": "Asia/Makassar"}
    assert (await client.post("/api/v1/workspaces", json=body)).status_code == 401
    await sign_in(client, "rina@toko.example")

    made = await client.post("/api/v1/workspaces", json=body)
    refused = await client.post("/api/v1/workspaces", json=body | {"timezone": "localtime"})
    forged = await client.post("/api/v1/workspaces", json=body, headers={"x-csrf-token": "tebakan"})

    assert (made.status_code, made.json()["role"]) == (201, "owner")
    assert (refused.status_code, forged.status_code) == (422, 403)


async def test_changing_the_password_ends_every_other_session(runtime: Runtime, client: httpx.AsyncClient) -> None:
    await make_person(runtime, "rina@toko.example")
    await sign_in(client, "rina@toko.example")
    async with browser(runtime) as elsewhere:
        await sign_in(elsewhere, "rina@toko.example")
        places = (await client.get("/api/v1/auth/sessions")).json()
        assert sorted(one["is_current"] for one in places) == [False, True]
        url = "/api/v1/auth/password"
        done = await client.post(url, json={"current_password": PASSWORD, "new_password": OTHER})
        assert done.status_code == 204
        assert (await elsewhere.get("/api/v1/auth/me")).status_code == 401
    assert (await client.get("/api/v1/auth/me")).status_code == 200


async def test_a_password_is_not_changed_without_the_old_one_to_a_weak_one_or_the_same(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await make_person(runtime, "rina@toko.example")
    await sign_in(client, "rina@toko.example")
    tries = [("salah sekali ini", OTHER), (PASSWORD, "rina"), (PASSWORD, PASSWORD), ("tebakan", OTHER), ("lagi", OTHER)]

    answers = [
        await client.post("/api/v1/auth/password", json={"current_password": old, "new_password": new})
        for old, new in tries
    ]

    assert [one.json()["errors"][0]["code"] for one in answers[:4]] == [
        "wrong_password",
        "weak_password",
        "same_password",
        "wrong_password",
    ]
    assert answers[4].status_code == 429, "a stolen session is no way to guess the password"


async def test_sessions_end_one_by_one_and_all_at_once_but_never_those_of_others(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await make_person(runtime, "rina@toko.example")
    await make_person(runtime, "eko@toko.example")
    await sign_in(client, "rina@toko.example")
    async with browser(runtime) as second, browser(runtime) as foreign:
        await sign_in(second, "rina@toko.example")
        await sign_in(foreign, "eko@toko.example")
        (theirs,) = (await foreign.get("/api/v1/auth/sessions")).json()
        assert (await client.delete(f"/api/v1/auth/sessions/{theirs['id']}")).status_code == 404
        other = next(one for one in (await client.get("/api/v1/auth/sessions")).json() if not one["is_current"])
        assert (await client.delete(f"/api/v1/auth/sessions/{other['id']}")).status_code == 204
        assert (await second.get("/api/v1/auth/me")).status_code == 401
        assert (await foreign.get("/api/v1/auth/me")).status_code == 200
    assert (await client.delete("/api/v1/auth/sessions")).status_code == 204
    assert (await client.get("/api/v1/auth/me")).status_code == 200


async def test_a_reset_link_sets_a_password_once(runtime: Runtime, client: httpx.AsyncClient) -> None:
    await make_person(runtime, "rina@toko.example")
    async with runtime.database.system() as tx:
        user_id = await tx.fetchval("SELECT id FROM users WHERE email = 'rina@toko.example'")
        token = await make_one_time_token(tx, "reset", runtime.clock.now(), user_id=user_id)

    weak = await client.post("/api/v1/auth/reset", json={"token": token, "password": "rina"})
    done = await client.post("/api/v1/auth/reset", json={"token": token, "password": OTHER})
    again = await client.post("/api/v1/auth/reset", json={"token": token, "password": PASSWORD})

    assert [weak.status_code, done.status_code, again.status_code] == [422, 200, 409]
    async with browser(runtime) as fresh:
        assert (await sign_in(fresh, "rina@toko.example")).status_code == 401
        assert (await sign_in(fresh, "rina@toko.example", OTHER)).status_code == 200


async def test_a_person_changes_their_own_name_and_language(runtime: Runtime, client: httpx.AsyncClient) -> None:
    await make_person(runtime, "rina@toko.example")
    await sign_in(client, "rina@toko.example")

    changed = await client.patch("/api/v1/auth/me", json={"name": "Rina Wati", "locale": "en"})
    empty = await client.patch("/api/v1/auth/me", json={"name": "   "})

    assert (changed.json()["name"], changed.json()["locale"]) == ("Rina Wati", "en")
    assert empty.status_code == 422


async def test_another_site_cannot_sign_people_out(runtime: Runtime, client: httpx.AsyncClient) -> None:
    await make_person(runtime, "rina@toko.example")
    await sign_in(client, "rina@toko.example")
    own = client.headers.pop("x-csrf-token")

    assert (await client.post("/api/v1/auth/logout")).status_code == 403
    assert (await client.get("/api/v1/auth/me")).status_code == 200
    assert (await client.post("/api/v1/auth/logout", headers={"x-csrf-token": own})).status_code == 204


async def test_a_key_cannot_end_before_it_begins(
    runtime: Runtime, api: httpx.AsyncClient, workspace: WorkspaceFixture
) -> None:
    url = f"/api/v1/workspaces/{workspace.slug}/keys"
    body = {"name": "kasir", "scopes": ["contacts:read"]}
    past = (runtime.clock.now() - timedelta(seconds=1)).isoformat()

    assert (await api.post(url, json=body | {"expires_at": past})).status_code == 422
    assert (await api.post(url, json=body | {"expires_at": "2030-01-01T00:00:00"})).status_code == 422
    later = (runtime.clock.now() + timedelta(days=1)).isoformat()
    assert (await api.post(url, json=body | {"expires_at": later})).status_code == 201
