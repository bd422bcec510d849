"""Templates over HTTP: listed in pages, checked before submission, previewed with examples."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from blazz.domains.channels import Number
from blazz.domains.channels.failures import FailureCode
from blazz.domains.templates.routes import router
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.channels.fakes import FakeProvider, make_client
from tests.domains.templates.conftest import listed

NEW = {
    "name": "pesanan_siap",
    "language": "id",
    "category": "UTILITY",
    "components": [
        {
            "type": "BODY",
            "text": "Halo {{1}}, pesanan Anda sudah siap diambil.",
            "example": {"body_text": [["Budi"]]},
        }
    ],
}


@pytest.fixture
async def client(
    runtime: Runtime, workspace: WorkspaceFixture, number: Number, provider: FakeProvider
) -> AsyncIterator[httpx.AsyncClient]:
    async with make_client(runtime, workspace.owner, provider, router) as client:
        yield client


async def test_lists_go_on_from_the_cursor_and_filter(client: httpx.AsyncClient, provider: FakeProvider) -> None:
    provider.templates = [listed(f"promo_{n}", key=str(n)) for n in range(5)] + [
        listed("tagihan", key="9", status="REJECTED")
    ]
    synced = await client.post("/templates/sync", json={})
    assert synced.json() == {"seen": 6, "changed": 6, "removed": 0}
    names, cursor = [], None
    while True:
        page = (await client.get("/templates", params={"limit": 4} | ({"cursor": cursor} if cursor else {}))).json()
        names += [item["name"] for item in page["data"]]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert names == ["promo_0", "promo_1", "promo_2", "promo_3", "promo_4", "tagihan"]
    rejected = (await client.get("/templates", params={"status": "rejected"})).json()["data"]
    assert [item["name"] for item in rejected] == ["tagihan"]
    assert len((await client.get("/templates", params={"name": "MO_3"})).json()["data"]) == 1
    assert (await client.get("/templates", params={"cursor": "x"})).status_code == 422


async def test_a_template_is_submitted_read_previewed_and_deleted(
    client: httpx.AsyncClient, provider: FakeProvider
) -> None:
    made = await client.post("/templates", json=NEW)
    assert made.status_code == 201, made.text
    template = made.json()
    assert (template["status"], template["provider_template_id"]) == ("PENDING", "900")
    assert [item["key"] for item in template["variables"]] == ["body.1"]
    path = f"/templates/{template['id']}"
    assert (await client.get(path)).json() == template
    again = await client.post("/templates", json=NEW)
    assert (again.status_code, again.json()["code"]) == (409, "template_exists")
    empty = (await client.post(f"{path}/preview", json={})).json()
    assert (empty["body"], empty["missing"]) == ("Halo Budi, pesanan Anda sudah siap diambil.", ["body.1"])
    filled = await client.post(
        f"{path}/preview", json={"variables": {"body.1": {"field": "name"}}, "contact": {"name": "Sari"}}
    )
    assert (filled.json()["body"], filled.json()["missing"]) == ("Halo Sari, pesanan Anda sudah siap diambil.", [])
    unknown = await client.post(f"{path}/preview", json={"values": {"body.9": "x"}})
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "variable_unknown")
    odd = await client.post(f"{path}/preview", json={"variables": {"body.1": {"field": "secret"}}})
    assert (odd.status_code, odd.json()["errors"][0]["code"]) == (422, "field_unknown")
    assert (await client.delete(path)).status_code == 204
    assert provider.deleted == [("pesanan_siap", "900")]
    assert (await client.get(path)).json()["code"] == "template_not_found"


async def test_a_template_whatsapp_would_refuse_is_refused_before_it_is_asked(
    client: httpx.AsyncClient, provider: FakeProvider
) -> None:
    bad = NEW | {"name": "Not A Name", "components": [{"type": "BODY", "text": "{{1}}"}]}
    response = await client.post("/templates", json=bad, headers={"Accept-Language": "id"})
    assert (response.status_code, response.json()["code"]) == (422, "template_invalid")
    assert {"template_name", "variable_at_edge"} <= {item["code"] for item in response.json()["errors"]}
    assert provider.asked == []
    provider.fails = FailureCode.TEMPLATE_LIMIT
    refused = await client.post("/templates", json=NEW)
    assert (refused.status_code, refused.json()["code"]) == (409, "template_refused")
    assert (await client.get("/templates")).json()["data"] == []


async def test_a_template_gone_at_the_provider_can_still_be_deleted_here(
    client: httpx.AsyncClient, provider: FakeProvider
) -> None:
    path = f"/templates/{(await client.post('/templates', json=NEW)).json()['id']}"
    provider.fails = FailureCode.PROVIDER_UNREACHABLE
    assert (await client.delete(path)).status_code == 502
    assert (await client.get(path)).status_code == 200
    provider.fails = FailureCode.TEMPLATE_NOT_FOUND
    assert (await client.delete(path)).status_code == 204


async def test_a_reader_may_look_and_another_workspace_sees_nothing(
    client: httpx.AsyncClient,
    runtime: Runtime,
    provider: FakeProvider,
    make_actor: Callable[..., Actor],
    other_workspace: WorkspaceFixture,
) -> None:
    path = f"/templates/{(await client.post('/templates', json=NEW)).json()['id']}"
    async with make_client(runtime, make_actor(Permission.TEMPLATES_READ), provider, router) as reader:
        assert (await reader.get(path)).status_code == 200
        assert (await reader.post("/templates", json=NEW)).status_code == 403
        assert (await reader.delete(path)).status_code == 403
        assert (await reader.post("/templates/sync", json={})).status_code == 403
    async with make_client(runtime, other_workspace.owner, provider, router) as stranger:
        assert (await stranger.get(path)).status_code == 404
        assert (await stranger.delete(path)).status_code == 404
        assert (await stranger.get("/templates")).json()["data"] == []
