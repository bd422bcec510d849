"""The contacts API over HTTP, in an application that holds only these routes."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from blazz.domains.contacts import JOBS
from blazz.domains.contacts.imports.run import run
from blazz.domains.contacts.routes import router
from blazz.kernel.actor import Actor
from blazz.kernel.http import install_problem_handlers
from blazz.kernel.ids import decode_id
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture


@pytest.fixture
async def client(runtime: Runtime, workspace: WorkspaceFixture) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(router, prefix="/api/v1/workspaces/{workspace}")

    async def authenticate(_runtime: Runtime, _request: Request, _wanted: UUID | None) -> Actor:
        return workspace.owner

    app.state.runtime, app.state.authenticate = runtime, authenticate
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    base = f"http://blazz.test/api/v1/workspaces/{workspace.slug}"
    async with httpx.AsyncClient(transport=transport, base_url=base) as opened:
        yield opened


async def test_contacts_are_made_read_changed_binned_and_restored(client: httpx.AsyncClient) -> None:
    made = await client.post("/contacts", json={"name": "Budi", "phone": "0812-3456-7890", "attributes": {"a": "b"}})
    assert made.status_code == 201, made.text
    contact = made.json()
    assert contact["id"].startswith("con_")
    path = f"/contacts/{contact['id']}"
    assert (await client.get("/contacts/phone:+6281234567890")).json() == (await client.get(path)).json()
    changed = (await client.patch(path, json={"city": "Depok"})).json()
    assert (changed["city"], changed["name"], changed["attributes"]) == ("Depok", "Budi", {"a": "b"})
    assert (await client.patch(path, json={"phone": None})).json()["identities"] == []
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404
    assert (await client.post(f"{path}/restore")).json()["name"] == "Budi"
    stopped = await client.post(f"{path}/consents", json={"state": "withdrawn", "source": "phone call"})
    assert stopped.json()["opted_out_at"] is not None
    assert [row["state"] for row in (await client.get(f"{path}/consents")).json()] == ["withdrawn"]
    assert {"path": "attributes.a", "label": "a"} in (await client.get("/contacts/fields")).json()


async def test_bad_requests_are_refused_with_problems(client: httpx.AsyncClient) -> None:
    await client.post("/contacts", json={"phone": "081234567890"})
    duplicate = await client.post("/contacts", json={"phone": "+62 812 3456 7890"})
    assert (duplicate.status_code, duplicate.json()["code"]) == (409, "duplicate_contact")
    bad = await client.post("/contacts", json={"phone": "abc"}, headers={"accept-language": "id"})
    assert (bad.status_code, bad.json()["code"]) == (422, "invalid_phone")
    assert (await client.post("/contacts", json={"nama": "x"})).status_code == 422
    assert (await client.get("/contacts", params={"q": "x"})).status_code == 422
    assert (await client.get("/contacts", params={"cursor": "x"})).status_code == 422
    assert (await client.get("/contacts/con_x")).status_code == 404
    assert (await client.get("/contacts/phone:081299990000")).status_code == 404


async def test_lists_page_and_filter(client: httpx.AsyncClient) -> None:
    category = (await client.post("/categories", json={"name": "VIP"})).json()
    for number in range(3):
        await client.post("/contacts", json={"name": f"P{number}", "category_id": category["id"]})
    loose = (await client.post("/contacts", json={"name": "Lepas"})).json()
    first = (await client.get("/contacts", params={"limit": 2, "category_id": category["id"]})).json()
    assert [row["name"] for row in first["data"]] == ["P2", "P1"]
    following = {"limit": 2, "category_id": category["id"], "cursor": first["next_cursor"]}
    second = (await client.get("/contacts", params=following)).json()
    assert ([row["name"] for row in second["data"]], second["has_more"]) == (["P0"], False)
    free = (await client.get("/contacts", params={"category_id": "none"})).json()
    assert [row["id"] for row in free["data"]] == [loose["id"]]
    assert [row["name"] for row in (await client.get("/contacts", params={"q": "lep"})).json()["data"]] == ["Lepas"]
    assert (await client.delete(f"/categories/{category['id']}")).json()["code"] == "category_move_needed"
    gone = await client.delete(f"/categories/{category['id']}", params={"uncategorise": True})
    assert gone.json() == {"changed": 3}
    group = (await client.post("/groups", json={"name": "Jakarta"})).json()
    body = {"contact_ids": [loose["id"]]}
    assert (await client.post(f"/groups/{group['id']}/members", json=body)).json() == {"changed": 1}
    assert (await client.get(f"/groups/{group['id']}")).json()["contact_count"] == 1
    assert (await client.post(f"/groups/{group['id']}/members/remove", json=body)).json() == {"changed": 1}
    renamed = await client.patch(f"/groups/{group['id']}", json={"name": "Bogor"})
    assert renamed.json()["name"] == "Bogor"
    assert (await client.delete(f"/groups/{group['id']}")).status_code == 204
    assert (await client.get("/categories/statistics")).json() == []


async def test_an_import_goes_from_upload_to_error_file(
    client: httpx.AsyncClient, runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    files = {"file": ("kontak.csv", "Nama;No WA\nBudi;081234567890\nSalah;12\n".encode("utf-16"), "text/csv")}
    uploaded = await client.post("/contact-imports", files=files)
    assert uploaded.status_code == 201, uploaded.text
    made = uploaded.json()
    assert [column["field"] for column in made["columns"]] == ["name", "phone"]
    assert made["preview"] == [["Budi", "081234567890"], ["Salah", "12"]]
    path = f"/contact-imports/{made['id']}"
    for dry_run, status in ((True, "checked"), (False, "completed")):
        started = await client.post(f"{path}/start", json={"dry_run": dry_run})
        assert (started.status_code, started.json()["status"]) == (202, "queued")
        await run(runtime, workspace.id, decode_id("imp", made["id"]))
        now = (await client.get(path)).json()
        assert (now["status"], now["counts"]["created"], now["counts"]["invalid"]) == (status, 1, 1)
    rows = (await client.get(f"{path}/rows", params={"outcome": "invalid"})).json()["data"]
    assert [(row["row"], row["cells"]) for row in rows] == [(3, ["Salah", "12"])]
    assert rows[0]["reason"]
    errors = await client.get(f"{path}/errors")
    assert "Salah,12,3,invalid," in errors.text
    assert (await client.post(f"{path}/cancel", json={})).status_code == 409
    assert (await client.post(f"{path}/undo")).json()["status"] == "undoing"
    assert (await client.get("/contact-imports")).json()["data"][0]["id"] == made["id"]
    assert (await client.get("/contact-imports/imp_x/errors")).status_code == 404


def test_every_job_has_a_handler_and_a_name_of_its_own() -> None:
    assert sorted(job.name for job in JOBS) == [
        "contacts.index_import",
        "contacts.run_import",
        "contacts.undo_import",
    ]
