"""Numbers over HTTP: checked with the provider first, and no secret ever comes out."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from blazz.domains.channels.failures import FailureCode
from blazz.domains.channels.providers import parse_limit
from blazz.domains.channels.routes import router
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.channels.fakes import FakeProvider, make_client

NUMBER = {"account_id": "waba1", "phone_number_id": "1001", "access_token": "EAAsecret", "app_secret": "hush"}


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider()


@pytest.fixture
async def client(
    runtime: Runtime, workspace: WorkspaceFixture, provider: FakeProvider
) -> AsyncIterator[httpx.AsyncClient]:
    async with make_client(runtime, workspace.owner, provider, router) as client:
        yield client


async def test_a_number_is_checked_kept_listed_changed_and_deleted(client: httpx.AsyncClient) -> None:
    added = await client.post("/numbers", json=NUMBER)
    assert added.status_code == 201, added.text
    number = added.json()
    assert number["id"].startswith("num_")
    assert (number["phone"], number["display_name"], number["quality"]) == ("+628111000100", "Toko Sinar", "green")
    assert number["health_checked_at"] is not None
    listed = (await client.get("/numbers", params={"limit": 1})).json()
    assert listed == {"data": [number], "has_more": False, "next_cursor": None}
    accounts = (await client.get("/accounts")).json()["data"]
    assert accounts[0]["webhook_url"].endswith(f"/webhooks/meta/{accounts[0]['id']}")
    assert accounts[0]["messaging_limit"] == 2000
    path = f"/numbers/{number['id']}"
    assert (await client.patch(path, json={"messages_per_second": 20})).json()["messages_per_second"] == 20
    assert (await client.get(path)).json()["messages_per_second"] == 20
    assert (await client.post(f"{path}/disconnect")).json()["status"] == "disconnected"
    assert (await client.post(f"{path}/check")).json()["status"] == "connected"
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).json()["code"] == "number_not_found"


async def test_no_answer_holds_a_secret(client: httpx.AsyncClient) -> None:
    texts = [(await client.post("/numbers", json=NUMBER)).text, (await client.post("/numbers", json=NUMBER)).text]
    texts += [(await client.get("/numbers")).text, (await client.get("/accounts")).text]
    account = (await client.get("/accounts")).json()["data"][0]["id"]
    texts.append((await client.patch(f"/accounts/{account}", json={"access_token": "EAAsecret2"})).text)
    assert not any("EAAsecret" in text or "hush" in text for text in texts)


async def test_a_number_the_provider_does_not_confirm_is_not_kept(
    client: httpx.AsyncClient, provider: FakeProvider
) -> None:
    provider.fails = FailureCode.TOKEN_INVALID
    refused = await client.post("/numbers", json=NUMBER)
    assert (refused.status_code, refused.json()["code"]) == (409, "number_not_verified")
    assert "the provider's own words" in refused.json()["detail"]
    provider.fails = FailureCode.PROVIDER_UNREACHABLE
    away = await client.post("/numbers", json=NUMBER)
    assert (away.status_code, away.json()["code"]) == (502, "provider_away")
    assert (await client.get("/numbers")).json()["data"] == []
    provider.fails = None
    assert (await client.post("/numbers", json=NUMBER)).status_code == 201
    again = await client.post("/numbers", json=NUMBER)
    assert (again.status_code, again.json()["code"]) == (409, "number_taken")


@pytest.mark.parametrize(
    "change",
    [
        {"access_token": ""},
        {"phone_number_id": "a b"},
        {"messages_per_second": 0},
        {"base_url": "http://127.0.0.1"},
        {"display_name": "a\x00b"},
    ],
)
async def test_bad_input_is_refused_before_anyone_is_asked(
    client: httpx.AsyncClient, provider: FakeProvider, change: dict[str, object]
) -> None:
    assert (await client.post("/numbers", json=NUMBER | change)).status_code == 422
    assert provider.asked == []


async def test_a_reader_may_look_but_not_connect(
    runtime: Runtime, provider: FakeProvider, make_actor: Callable[..., Actor]
) -> None:
    async with make_client(runtime, make_actor(Permission.NUMBERS_READ), provider, router) as client:
        assert (await client.get("/numbers")).status_code == 200
        assert (await client.post("/numbers", json=NUMBER)).status_code == 403
        assert (await client.get("/numbers/num_x")).status_code == 404
    assert provider.asked == []


@pytest.mark.parametrize(
    ("text", "limit"),
    [("TIER_250", 250), ("TIER_10K", 10_000), ("2000", 2000), ("TIER_UNLIMITED", -1), ("odd", None), (None, None)],
)
def test_messaging_limits_are_read_in_every_form(text: str | None, limit: int | None) -> None:
    assert parse_limit(text) == limit
