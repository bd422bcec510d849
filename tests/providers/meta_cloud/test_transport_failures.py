"""What every way of failing on the wire proves about a message."""

import asyncio
import contextlib
import socket
from collections.abc import Callable

import pytest

from blazz.adapters.providers.meta_cloud import MetaCloudProvider, MetaCloudSettings, TransportSettings
from blazz.domains.channels.failures import FailureCode
from blazz.domains.channels.ports import Accepted, InDoubt, Requeue, SendOutcome
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

pytestmark = pytest.mark.parametrize("http", ["pyreqwest", "aiohttp"])


async def _send(base_url: str, http: str, *, send_timeout: float = 5.0, connect_timeout: float = 2.0) -> SendOutcome:
    async with provider_at(base_url, http, send_timeout=send_timeout, connect_timeout=connect_timeout) as provider:
        return await provider.send(NUMBER, outbound())


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _then(action: Callable[[asyncio.StreamWriter], None], *, read: bool = True) -> Callable[[RawServer], Script]:
    def make(server: RawServer) -> Script:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if read:
                await server.read_request(reader)
            action(writer)
            await writer.drain()

        return script

    return make


def _hang(server: RawServer) -> Script:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.read_request(reader)
        await asyncio.Event().wait()

    return script


async def test_a_refused_port_proves_that_nothing_was_sent(http: str) -> None:
    outcome = await _send(f"http://127.0.0.1:{_unused_port()}", http)
    assert isinstance(outcome, Requeue)
    assert outcome.failure.code is FailureCode.PROVIDER_UNREACHABLE
    assert (outcome.scope, outcome.slow_down) == ("app", False)


async def test_an_unknown_host_proves_that_nothing_was_sent(http: str) -> None:
    outcome = await _send("http://no-such-host.invalid", http)
    assert isinstance(outcome, Requeue)


async def test_a_failed_tls_handshake_proves_that_nothing_was_sent(http: str) -> None:
    async with raw_server(_then(lambda writer: writer.write(b"this is not TLS\r\n\r\n"), read=False)) as server:
        outcome = await _send(f"https://127.0.0.1:{server.port}", http)
    assert isinstance(outcome, Requeue)


async def test_a_handshake_that_hangs_ends_with_the_connect_timeout_and_proves_that_nothing_was_sent(http: str) -> None:
    def silent(server: RawServer) -> Script:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await asyncio.Event().wait()

        return script

    async with raw_server(silent) as server:
        outcome = await _send(f"https://127.0.0.1:{server.port}", http, connect_timeout=0.3)
    assert isinstance(outcome, Requeue)


async def test_closing_right_after_accepting_leaves_the_message_in_doubt(http: str) -> None:
    async with raw_server(_then(lambda writer: writer.close(), read=False)) as server:
        outcome = await _send(f"http://127.0.0.1:{server.port}", http)
    assert isinstance(outcome, InDoubt)


async def test_closing_after_reading_the_request_leaves_the_message_in_doubt_and_never_repeats_it(http: str) -> None:
    async with raw_server(_then(lambda writer: writer.close())) as server:
        outcome = await _send(f"http://127.0.0.1:{server.port}", http)
    assert isinstance(outcome, InDoubt)
    assert len(server.requests) == 1


async def test_a_reset_leaves_the_message_in_doubt(http: str) -> None:
    def reset(writer: asyncio.StreamWriter) -> None:
        plain = writer.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        writer.transport.abort()

    async with raw_server(_then(reset)) as server:
        outcome = await _send(f"http://127.0.0.1:{server.port}", http)
    assert isinstance(outcome, InDoubt)
    assert len(server.requests) == 1


async def test_no_answer_within_the_budget_leaves_the_message_in_doubt(http: str) -> None:
    async with raw_server(_hang) as server:
        outcome = await _send(f"http://127.0.0.1:{server.port}", http, send_timeout=0.4)
    assert isinstance(outcome, InDoubt)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "part",
    [
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"messages":[{"id":"wamid.A"}]',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{",
        b"not http at all\r\n\r\n",
    ],
)
async def test_half_an_answer_leaves_the_message_in_doubt(http: str, part: bytes) -> None:
    def half(writer: asyncio.StreamWriter) -> None:
        writer.write(part)
        writer.close()

    async with raw_server(_then(half)) as server:
        outcome = await _send(f"http://127.0.0.1:{server.port}", http)
    assert isinstance(outcome, InDoubt)
    assert len(server.requests) == 1


async def test_a_kept_connection_that_dies_under_the_second_send_is_never_sent_a_third_time(http: str) -> None:
    def one_then_close(server: RawServer) -> Script:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await server.read_request(reader)
            writer.write(ACCEPTED)
            await writer.drain()
            await server.read_request(reader)

        return script

    async with raw_server(one_then_close) as server, provider_at(f"http://127.0.0.1:{server.port}", http) as provider:
        first = await provider.send(NUMBER, outbound())
        second = await provider.send(NUMBER, outbound())
    assert isinstance(first, Accepted)
    assert isinstance(second, InDoubt)
    assert (len(server.requests), server.connections) == (2, 1)


async def test_connections_are_kept_between_sends(http: str) -> None:
    async with (
        raw_server(answering(ACCEPTED)) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
    ):
        for _ in range(5):
            assert isinstance(await provider.send(NUMBER, outbound()), Accepted)
    assert (len(server.requests), server.connections) == (5, 1)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed_with_the_message(http: str, status: int) -> None:
    async with raw_server(answering(ACCEPTED)) as other:
        away = http_answer(status, b"", f"Location: http://127.0.0.1:{other.port}/elsewhere\r\n")
        async with raw_server(answering(away)) as server:
            outcome = await _send(f"http://127.0.0.1:{server.port}", http)
    assert isinstance(outcome, InDoubt)
    assert other.requests == []


async def test_cancelling_a_send_reaches_the_caller(http: str) -> None:
    async with raw_server(_hang) as server, provider_at(f"http://127.0.0.1:{server.port}", http) as provider:
        task = asyncio.create_task(provider.send(NUMBER, outbound()))
        await server.arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_the_request_is_the_documented_one_and_the_token_is_nowhere_else(
    http: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with (
        raw_server(answering(ACCEPTED)) as server,
        provider_at(f"http://127.0.0.1:{server.port}", http) as provider,
    ):
        outcome = await provider.send(NUMBER, outbound())
    head, body = server.requests[0]
    assert head.startswith(b"POST /v25.0/1001/messages HTTP/1.1\r\n")
    assert f"authorization: bearer {TOKEN}".lower().encode() in head.lower()
    assert b"content-type: application/json" in head.lower()
    assert TOKEN.encode() not in body
    assert outcome == Accepted(provider_message_id="wamid.AAA", wa_id="6281111111111", bsuid="ID.98x", held=False)
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(outcome) + repr(NUMBER)


async def test_waiting_too_long_for_a_free_connection_proves_that_nothing_was_sent(http: str) -> None:
    settings = TransportSettings(connect_timeout_seconds=0.2, pool_timeout_seconds=0.2, max_connections=1)
    async with raw_server(_hang) as server:
        base_url = f"http://127.0.0.1:{server.port}"
        provider = MetaCloudProvider(MetaCloudSettings(base_url=base_url, http=http, connections=settings))  # type: ignore[arg-type]  # parametrised
        first = asyncio.create_task(provider.send(NUMBER, outbound()))
        await server.arrived.wait()
        second = await provider.send(NUMBER, outbound())
        first.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await first
        await provider.aclose()
    assert isinstance(second, Requeue)
    assert len(server.requests) == 1
