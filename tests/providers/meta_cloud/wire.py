"""A raw TCP server whose behaviour is scripted per connection, and the pieces tests share."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

from blazz.adapters.providers.meta_cloud import MetaCloudProvider, MetaCloudSettings, TransportSettings
from blazz.domains.channels.content import Content, Text
from blazz.domains.channels.ports import Credentials, NumberRef, OutboundMessage

TOKEN = "EAAtesttoken0123456789"
NUMBER = NumberRef(provider_account_id="9001", provider_number_id="1001", credentials=Credentials(access_token=TOKEN))
Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def outbound(content: Content | None = None, **changes: object) -> OutboundMessage:
    """Make a message to one phone; ``changes`` replaces fields."""
    fields: dict[str, object] = {
        "message_id": UUID(int=1),
        "to": "6281111111111",
        "content": content if content is not None else Text(body="Halo"),
        "opaque_id": "outbox-42",
    }
    return OutboundMessage(**(fields | changes))  # type: ignore[arg-type]  # the test names the fields


class RawServer:
    """Listens on loopback, counts what arrives and follows its script."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[tuple[bytes, bytes]] = []
        self.connections = 0
        self.port = 0
        self.arrived = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self.script(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def read_request(self, reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
        """Read one request with its body."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        body = await reader.readexactly(length)
        self.requests.append((head, body))
        self.arrived.set()
        return head, body

    async def close_tasks(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def raw_server(script: Callable[["RawServer"], Script]) -> AsyncIterator[RawServer]:
    """Run a scripted server for the time of a test."""
    server = RawServer(lambda reader, writer: asyncio.sleep(0))
    server.script = script(server)
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await server.close_tasks()


def answering(*answers: bytes) -> Callable[[RawServer], Script]:
    """Answer each request in turn with whole HTTP answers, the last one for ever, keeping connections open."""
    left = list(answers)

    def make(server: RawServer) -> Script:
        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                await server.read_request(reader)
                writer.write(left.pop(0) if len(left) > 1 else left[0])
                await writer.drain()

        return script

    return make


def http_answer(status: int, body: bytes, headers: str = "") -> bytes:
    """Write a whole HTTP answer."""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


@contextlib.asynccontextmanager
async def provider_at(
    base_url: str, http: str = "pyreqwest", *, send_timeout: float = 15.0, connect_timeout: float = 5.0
) -> AsyncIterator[MetaCloudProvider]:
    """Open a provider that talks to one address."""
    provider = MetaCloudProvider(
        MetaCloudSettings(
            base_url=base_url,
            http=http,  # type: ignore[arg-type]  # parametrised
            send_timeout_seconds=send_timeout,
            call_timeout_seconds=send_timeout,
            connections=TransportSettings(
                connect_timeout_seconds=connect_timeout, pool_timeout_seconds=connect_timeout
            ),
        )
    )
    try:
        yield provider
    finally:
        await provider.aclose()


ACCEPTED = http_answer(
    200,
    b'{"messaging_product":"whatsapp","contacts":[{"input":"6281111111111","wa_id":"6281111111111","user_id":"ID.98x"}],'
    b'"messages":[{"id":"wamid.AAA"}]}',
)
