"""A proxy before PostgreSQL that loses transactions at COMMIT: the client never learns whether it went through."""

import asyncio
import contextlib
import random
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from tests.support_processes import free_port

_COMMIT_QUERY = b"Q" + struct.pack("!i", 11) + b"COMMIT\x00"
_COMMIT_DONE = b"COMMIT\x00"


@dataclass(slots=True)
class CommitProxy:
    """Loses a share of COMMITs: ``after`` the server has made them durable, or ``before`` it sees them."""

    host: str
    port: int
    chance: random.Random
    after: float = 0.0
    before: float = 0.0
    listen: int = field(default_factory=free_port)
    lost_after: int = 0
    lost_before: int = 0
    committed: int = 0

    def url(self, url: str) -> str:
        """Return the address of a database through the proxy."""
        parts = urlsplit(url)
        login = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{self.listen}"))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect one client to the server."""
        try:
            server_reader, server_writer = await asyncio.open_connection(self.host, self.port)
        except OSError:
            writer.close()
            return
        ways = [
            asyncio.create_task(self._to_server(reader, server_writer)),
            asyncio.create_task(self._to_client(server_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for one in (writer, server_writer):
                with contextlib.suppress(OSError):
                    one.transport.abort()

    async def _to_server(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if data == _COMMIT_QUERY and self.chance.random() < self.before:
                self.lost_before += 1
                return
            server.write(data)
            await server.drain()

    async def _to_client(self, server: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await server.readexactly(1)
        writer.write(first)
        if first != b"N":
            await self._message(server, writer, first)
        while True:
            await self._message(server, writer, b"")

    async def _message(self, server: asyncio.StreamReader, writer: asyncio.StreamWriter, kind: bytes) -> None:
        head = await server.readexactly(5 - len(kind))
        kind, size = (kind or head[:1]), struct.unpack("!i", head[-4:])[0]
        body = await server.readexactly(size - 4)
        if kind == b"C" and body == _COMMIT_DONE:
            self.committed += 1
            if self.chance.random() < self.after:
                self.lost_after += 1
                raise ConnectionAbortedError
        writer.write(head + body)
        await writer.drain()


@asynccontextmanager
async def commit_proxy(url: str, *, seed: int, after: float, before: float = 0.0) -> AsyncIterator[CommitProxy]:
    """Run a proxy before the server of an address."""
    parts = urlsplit(url)
    proxy = CommitProxy(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 5432,
        chance=random.Random(seed),
        after=after,
        before=before,
    )
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", proxy.listen)
    try:
        yield proxy
    finally:
        server.close()
