"""Media, templates, numbers and receipts: what is asked, what is made of the answer, and what is refused."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest

from blazz.adapters.providers.meta_cloud import MetaCloudSettings
from blazz.adapters.providers.meta_cloud.client import GraphClient
from blazz.adapters.providers.meta_cloud.transport import TransportSettings
from blazz.adapters.providers.meta_cloud.transport_aiohttp import AiohttpTransport
from blazz.domains.channels.content import MarketingDelivery, MediaKind, TemplateDefinition, TemplateMessage, Text
from blazz.domains.channels.failures import FailureCode
from blazz.domains.channels.ports import (
    Accepted,
    Credentials,
    MediaTooLarge,
    MediaUpload,
    NumberRef,
    Provider,
    ProviderCallFailed,
    Refused,
)
from tests.providers.meta_cloud.wire import (
    ACCEPTED,
    NUMBER,
    TOKEN,
    RawServer,
    Script,
    answering,
    http_answer,
    outbound,
    provider_at,
    raw_server,
)


def _json(value: object, status: int = 200) -> bytes:
    return http_answer(status, json.dumps(value).encode())


def _line(server: RawServer, index: int = 0) -> str:
    return server.requests[index][0].split(b"\r\n", 1)[0].decode()


async def _chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.fixture(params=["pyreqwest", "aiohttp"])
def http(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_the_provider_fulfils_the_port(http: str) -> None:
    async with provider_at("http://127.0.0.1:1", http) as provider:
        port: Provider = provider
        assert port.capabilities.provider == "meta_cloud"
        assert {"text", "interactive", "template"} <= port.capabilities.content_types


async def test_marketing_templates_use_their_own_door(http: str) -> None:
    content = TemplateMessage(name="promo", language="id", marketing=MarketingDelivery())
    async with (
        raw_server(answering(ACCEPTED)) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
    ):
        assert isinstance(await provider.send(NUMBER, outbound(content)), Accepted)
    assert _line(server) == "POST /v25.0/1001/marketing_messages HTTP/1.1"


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX-Evil: 1", "é"])
async def test_a_token_no_header_can_carry_is_refused_before_connecting(http: str, token: str) -> None:
    number = NumberRef(
        provider_account_id="9001", provider_number_id="1001", credentials=Credentials(access_token=token)
    )
    async with provider_at("http://127.0.0.1:1", http) as provider:
        outcome = await provider.send(number, outbound())
        with pytest.raises(ProviderCallFailed, match="token_invalid"):
            await provider.mark_read(number, "wamid.IN")
    assert isinstance(outcome, Refused)
    assert outcome.failure.code is FailureCode.TOKEN_INVALID


async def test_a_message_that_cannot_be_written_is_refused_without_a_request(http: str) -> None:
    async with provider_at("http://127.0.0.1:1", http) as provider:
        outcome = await provider.send(NUMBER, outbound(Text(body="x"), to=None))
    assert isinstance(outcome, Refused)
    assert outcome.failure.code is FailureCode.MESSAGE_INVALID


async def test_an_id_cannot_change_the_path(http: str) -> None:
    number = NumberRef(
        provider_account_id="9001", provider_number_id="../evil?x=1#y", credentials=Credentials(access_token=TOKEN)
    )
    async with (
        raw_server(answering(ACCEPTED)) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
    ):
        await provider.send(number, outbound())
    assert _line(server) == "POST /v25.0/..%2Fevil%3Fx%3D1%23y/messages HTTP/1.1"


async def test_a_message_is_marked_as_read(http: str) -> None:
    async with (
        raw_server(answering(_json({"success": True}))) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
    ):
        await provider.mark_read(NUMBER, "wamid.IN", typing=True)
    assert json.loads(server.requests[0][1])["typing_indicator"] == {"type": "text"}


async def test_an_error_of_a_call_is_raised_without_the_token(http: str) -> None:
    error = {"error": {"code": 190, "message": f"Malformed access token {TOKEN}", "fbtrace_id": "A1"}}
    async with (
        raw_server(answering(_json(error, 401))) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
    ):
        with pytest.raises(ProviderCallFailed) as raised:
            await provider.number_health(NUMBER)
    assert raised.value.failure.code is FailureCode.TOKEN_INVALID
    assert raised.value.certain
    assert TOKEN not in str(raised.value) + repr(raised.value) + repr(raised.value.failure)


@pytest.mark.parametrize(("status", "certain"), [(502, False), (429, True)])
async def test_an_unreadable_answer_of_a_call_is_raised(http: str, status: int, certain: bool) -> None:
    async with (
        raw_server(answering(http_answer(status, b"<html>"))) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
    ):
        with pytest.raises(ProviderCallFailed) as raised:
            await provider.delete_media(NUMBER, "4711")
    assert raised.value.certain is certain


async def test_an_unreachable_provider_is_raised_as_certain(http: str) -> None:
    async with provider_at("http://127.0.0.1:1", http) as provider:
        with pytest.raises(ProviderCallFailed) as raised:
            await provider.delete_media(NUMBER, "4711")
    assert (raised.value.failure.code, raised.value.certain) == (FailureCode.PROVIDER_UNREACHABLE, True)


async def test_a_file_is_uploaded_as_a_form_with_its_exact_length(http: str) -> None:
    upload = MediaUpload(
        kind=MediaKind.IMAGE,
        mime_type="image/png",
        filename='a"\r\nX: 1.png',
        size_bytes=6,
        chunks=_chunks(b"abc", b"def"),
    )
    async with (
        raw_server(answering(_json({"id": "4711"}))) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
    ):
        assert await provider.upload_media(NUMBER, upload) == "4711"
    head, body = server.requests[0]
    assert head.startswith(b"POST /v25.0/1001/media HTTP/1.1")
    assert b"transfer-encoding" not in head.lower()
    assert b'name="messaging_product"\r\n\r\nwhatsapp\r\n' in body
    assert b'name="type"\r\n\r\nimage/png\r\n' in body
    assert b'filename="a___X: 1.png"\r\nContent-Type: image/png\r\n\r\nabcdef\r\n--' in body


async def test_a_file_of_another_length_than_said_is_not_taken(http: str) -> None:
    upload = MediaUpload(
        kind=MediaKind.IMAGE, mime_type="image/png", filename="a", size_bytes=9, chunks=_chunks(b"abc")
    )
    async with (
        raw_server(answering(_json({"id": "4711"}))) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http, send_timeout=2) as provider,
    ):
        with pytest.raises((ProviderCallFailed, ValueError)):
            await provider.upload_media(NUMBER, upload)
    assert server.requests == []


def _file_server(
    content: bytes, info: dict[str, object] | None = None, url: str | None = None
) -> Callable[[RawServer], Script]:
    described = {"mime_type": "image/png", "sha256": "q83v", "file_size": len(content), "id": "4711"} | (info or {})

    def make(server: RawServer) -> Script:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                head, _ = await server.read_request(reader)
                if b"/file" in head.split(b"\r\n")[0]:
                    writer.write(http_answer(200, content))
                else:
                    writer.write(_json(described | {"url": url or f"http://127.0.0.1:{server.port}/file"}))
                await writer.drain()

        return script

    return make


async def test_a_file_is_fetched_in_two_steps_with_the_token(http: str) -> None:
    content = b"x" * 300_000
    async with (
        raw_server(_file_server(content)) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
        provider.fetch_media(NUMBER, "4711", max_bytes=300_000) as download,
    ):
        got = b"".join([chunk async for chunk in download.chunks])
    assert got == content
    assert (download.info.mime_type, download.info.size_bytes, download.info.sha256) == ("image/png", 300_000, "q83v")
    assert _line(server) == "GET /v25.0/4711?phone_number_id=1001 HTTP/1.1"
    assert TOKEN.encode() in server.requests[1][0]


async def _drain(provider: Provider, max_bytes: int) -> None:
    async with provider.fetch_media(NUMBER, "4711", max_bytes=max_bytes) as download:
        async for _ in download.chunks:
            pass


@pytest.mark.parametrize("said", [None, 10, 300_000])
async def test_a_file_that_is_too_large_is_refused_whatever_the_provider_says(http: str, said: int | None) -> None:
    async with (
        raw_server(_file_server(b"x" * 300_000, {"file_size": said})) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
    ):
        with pytest.raises(MediaTooLarge):
            await _drain(provider, 1000)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/file", "https://evil.example/file", "file:///etc/passwd", ""])
async def test_the_token_is_not_handed_to_a_stranger(http: str, url: str) -> None:
    async with (
        raw_server(_file_server(b"x", url=url or "nothing")) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
    ):
        with pytest.raises(ProviderCallFailed, match="not Meta's"):
            await _drain(provider, 1000)
    assert len(server.requests) == 1


def test_only_metas_own_hosts_are_handed_a_token() -> None:
    client = GraphClient(MetaCloudSettings(), AiohttpTransport(TransportSettings()))
    for good in ("https://lookaside.fbsbx.com/x", "https://graph.facebook.com/x", "https://mmg.whatsapp.net:443/x"):
        assert client.may_hand_token_to(good), good
    for bad in (
        "http://lookaside.fbsbx.com/x",
        "https://fbsbx.com.evil.example/x",
        "https://evilfbsbx.com/x",
        "https://a@lookaside.fbsbx.com/x",
        "https://lookaside.fbsbx.com:8443/x",
        "https://evil.example/lookaside.fbsbx.com",
    ):
        assert not client.may_hand_token_to(bad), bad


def _template(number: int) -> dict[str, object]:
    return {
        "id": str(number),
        "name": f"t{number}",
        "language": "id",
        "category": "UTILITY",
        "status": "APPROVED",
        "parameter_format": "NAMED",
        "components": [{"type": "BODY", "text": "Halo {{name}} ya"}],
        "quality_score": {"score": "GREEN"},
        "rejected_reason": "NONE",
    }


async def test_templates_are_listed_over_all_pages_and_odd_entries_left_out(http: str) -> None:
    pages = [
        {"data": [_template(1), {"id": "x"}, "y"], "paging": {"cursors": {"after": "c1"}, "next": "https://next"}},
        {"data": [_template(2)], "paging": {"cursors": {"after": "c2"}}},
    ]
    async with (
        raw_server(answering(*map(_json, pages))) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
    ):
        found = [item async for item in provider.list_templates(NUMBER, page_size=2)]
    assert [item.definition.name for item in found] == ["t1", "t2"]
    assert (found[0].status, found[0].quality, found[0].definition.parameter_format) == ("APPROVED", "GREEN", "NAMED")
    assert "after=c1" in _line(server, 1)
    assert len(server.requests) == 2


async def test_a_cursor_that_repeats_does_not_go_round_for_ever(http: str) -> None:
    page = {"data": [_template(1)], "paging": {"cursors": {"after": "c1"}, "next": "https://next"}}
    async with (
        raw_server(answering(_json(page))) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
    ):
        assert len([item async for item in provider.list_templates(NUMBER)]) == 2


async def test_a_template_is_created_and_deleted(http: str) -> None:
    definition = TemplateDefinition(
        name="t1", language="id", category="UTILITY", components=({"type": "BODY", "text": "Halo"},)
    )
    answers = (_json({"id": "55", "status": "PENDING", "category": "MARKETING"}), _json({"success": True}))
    async with (
        raw_server(answering(*answers)) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
    ):
        created = await provider.create_template(NUMBER, definition, send_ttl_seconds=600)
        await provider.delete_template(NUMBER, "t1", provider_template_id="55")
    assert (created.provider_template_id, created.status, created.category) == ("55", "PENDING", "MARKETING")
    assert json.loads(server.requests[0][1]) == {
        "name": "t1",
        "language": "id",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Halo"}],
        "message_send_ttl_seconds": 600,
    }
    assert _line(server, 1) == "DELETE /v25.0/9001/message_templates?name=t1&hsm_id=55 HTTP/1.1"


async def test_numbers_are_read_listed_registered_and_subscribed(http: str) -> None:
    health = {
        "id": "1001",
        "display_phone_number": "+62 812",
        "verified_name": "Toko",
        "quality_rating": "GREEN",
        "status": "CONNECTED",
        "name_status": "APPROVED",
        "throughput": {"level": "STANDARD"},
        "whatsapp_business_manager_messaging_limit": "TIER_2K",
        "health_status": {
            "can_send_message": "LIMITED",
            "entities": [{"errors": [{"error_description": "No payment method"}]}, "odd"],
        },
    }
    ok = _json({"success": True})
    async with (
        raw_server(answering(_json(health), _json({"data": [health, 5]}), ok)) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
    ):
        one = await provider.number_health(NUMBER)
        all_numbers = await provider.list_numbers("9001", NUMBER.credentials)
        await provider.register_number(NUMBER, "123456")
        await provider.subscribe_webhooks(
            "9001", NUMBER.credentials, callback_url="https://x.id/hook", verify_token="T"
        )
    assert all_numbers == (one,)
    assert (one.can_send, one.problems, one.throughput_level) == ("LIMITED", ("No payment method",), "STANDARD")
    assert json.loads(server.requests[2][1]) == {"messaging_product": "whatsapp", "pin": "123456"}
    assert json.loads(server.requests[3][1]) == {"override_callback_uri": "https://x.id/hook", "verify_token": "T"}
    assert _line(server, 3) == "POST /v25.0/9001/subscribed_apps HTTP/1.1"


@pytest.mark.parametrize("pin", ["12345", "1234567", "abcdef", "１２３４５６"])
async def test_a_pin_that_is_not_six_digits_is_refused_without_asking(http: str, pin: str) -> None:
    async with provider_at("http://127.0.0.1:1", http) as provider:
        with pytest.raises(ProviderCallFailed, match="six digits"):
            await provider.register_number(NUMBER, pin)
