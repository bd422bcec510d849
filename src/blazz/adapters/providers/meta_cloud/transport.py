"""What the adapter needs from an HTTP library; the one question that matters is whether any byte left."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


class NotSent(Exception):
    """The request certainly never left: address lookup, connecting, TLS or waiting for a free connection failed."""


class Unknown(Exception):
    """Something failed after the first byte of the request may have left."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete answer; ``retry_after`` is that header as it stands."""

    status: int
    body: bytes
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class HttpStream:
    """An answer whose body is still to be read."""

    status: int
    content_length: int | None
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportSettings:
    """Limits of the connections to one provider, in seconds where not said otherwise."""

    connect_timeout_seconds: float = 5.0
    pool_timeout_seconds: float = 5.0
    idle_seconds: float = 20.0
    max_connections: int = 256


class Transport(Protocol):
    """Sends requests; never follows redirects, never repeats a request whose bytes may have left."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | AsyncIterator[bytes] | None = None,
        timeout_seconds: float,
    ) -> HttpAnswer:
        """Send a request and read the whole answer; raises NotSent or Unknown, nothing else."""
        ...

    def stream(
        self, url: str, *, headers: Mapping[str, str], timeout_seconds: float
    ) -> AbstractAsyncContextManager[HttpStream]:
        """Open a GET for reading; raises NotSent or Unknown, also while the chunks are read."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


def describe(error: BaseException) -> str:
    """Name an error by its class alone: library texts may hold addresses or headers."""
    return type(error).__name__


def content_length_of(value: str | None) -> int | None:
    """Read a Content-Length header; anything odd counts as absent."""
    return int(value) if value is not None and value.isascii() and value.isdigit() else None
