"""The web application as a whole: health, documentation, problems and who gets in."""

import httpx

from blazz.kernel.actor import Permission
from blazz.kernel.ids import encode_id, new_uuid7
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.factories import make_contacts, make_key


async def test_health_and_documentation_need_no_key(api: httpx.AsyncClient) -> None:
    assert (await api.get("/healthz")).text == "ok"
    ready = await api.get("/readyz")
    assert (ready.status_code, ready.json()) == (
        200,
        {"database": "ok", "partitions": "ok", "schema": "ok", "storage": "ok"},
    )
    page = await api.get("/api/docs", headers={"Authorization": ""})
    assert page.status_code == 200
    assert "/api/v1/workspaces/{workspace}/campaigns/{campaign}/start" in page.text
    assert "<script" not in page.text
    assert (await api.get("/api/openapi.json")).json()["info"]["title"] == "Blazz"


async def test_a_key_reaches_its_workspace_by_the_short_path_too(
    api: httpx.AsyncClient, runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    await make_contacts(runtime, workspace, 3)
    long_path = await api.get(f"/api/v1/workspaces/{workspace.slug}/contacts")
    short_path = await api.get("/api/v1/contacts")
    assert (long_path.status_code, len(long_path.json()["data"])) == (200, 3)
    assert long_path.json() == short_path.json()


async def test_nobody_enters_without_credentials_and_a_foreign_workspace_looks_absent(
    api: httpx.AsyncClient, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    nobody = await api.get(f"/api/v1/workspaces/{workspace.slug}/contacts", headers={"Authorization": ""})
    assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthenticated")
    wrong = await api.get("/api/v1/contacts", headers={"Authorization": "Bearer blz_live_guess"})
    assert wrong.status_code == 401
    foreign = await api.get(f"/api/v1/workspaces/{other_workspace.slug}/contacts")
    absent = await api.get(f"/api/v1/workspaces/{encode_id('wsp', new_uuid7())}/contacts")
    garbage = await api.get("/api/v1/workspaces/wsp_garbage/contacts")
    assert [one.status_code for one in (foreign, absent, garbage)] == [404, 404, 404]
    hidden = {"instance", "request_id"}
    shown = [{k: v for k, v in one.json().items() if k not in hidden} for one in (foreign, absent, garbage)]
    assert shown[0] == shown[1] == shown[2]


async def test_a_key_without_the_scope_is_refused_whether_the_row_exists_or_not(
    api: httpx.AsyncClient, runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    known = encode_id("con", (await make_contacts(runtime, workspace, 1))[0])
    reader = {"Authorization": f"Bearer {await make_key(runtime, workspace, Permission.CAMPAIGNS_READ)}"}
    answers = [
        await api.get(f"/api/v1/contacts/{one}", headers=reader) for one in (known, encode_id("con", new_uuid7()))
    ]
    assert [one.status_code for one in answers] == [403, 403]
    assert {one.json()["code"] for one in answers} == {"forbidden"}


async def test_a_repeated_request_with_the_same_key_has_one_effect(
    api: httpx.AsyncClient, runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    path = f"/api/v1/workspaces/{workspace.slug}/contacts"
    headers = {"Idempotency-Key": "order-17"}
    first = await api.post(path, json={"name": "Budi", "phone": "0812-3456-7890"}, headers=headers)
    again = await api.post(path, json={"name": "Budi", "phone": "0812-3456-7890"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json(), again.headers["idempotent-replayed"]) == (again.json(), "true")
    other = await api.post(path, json={"name": "Sari", "phone": "0812-3456-7891"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    async with runtime.database.workspace(workspace.id) as tx:
        assert await tx.fetchval("SELECT count(*) FROM contacts WHERE workspace_id = $1", workspace.id) == 1


async def test_problems_speak_the_language_that_is_asked_for(api: httpx.AsyncClient) -> None:
    path = f"/api/v1/contacts/{encode_id('con', new_uuid7())}"
    indonesian = (await api.get(path, headers={"Accept-Language": "id-ID,id;q=0.9"})).json()
    english = (await api.get(path, headers={"Accept-Language": "en"})).json()
    assert indonesian["detail"] != english["detail"]
    assert indonesian["code"] == english["code"]


async def test_a_revoked_key_is_dead_at_once(
    api: httpx.AsyncClient, runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    made = await api.post(
        f"/api/v1/workspaces/{workspace.slug}/keys", json={"name": "toko", "scopes": ["contacts:read"]}
    )
    assert made.status_code == 201
    headers = {"Authorization": f"Bearer {made.json()['secret']}"}
    assert (await api.get("/api/v1/contacts", headers=headers)).status_code == 200
    gone = await api.delete(f"/api/v1/workspaces/{workspace.slug}/keys/{made.json()['id']}")
    assert gone.status_code == 204
    assert (await api.get("/api/v1/contacts", headers=headers)).status_code == 401
    assert runtime.settings.environment == "test"
