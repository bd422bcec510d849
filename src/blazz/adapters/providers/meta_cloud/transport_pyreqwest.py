"""The fast transport: pyreqwest on HTTP/1.1 with kept-alive connections."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError, DetailedPyreqwestError, PoolTimeoutError, PyreqwestError

from .transport import HttpAnswer, HttpStream, NotSent, TransportSettings, Unknown, content_length_of, describe

# pyreqwest 0.15 calls every failure before the answer's head a ConnectError, also a connection closed or timed out
# after the request was written. Only this cause, which the library below gives while connecting, proves that no byte
# left; the matrix in test_transport_failures watches over it.
_CONNECTING = "client error (Connect)"


class PyreqwestTransport:
    """Sends through one pyreqwest client, made at first use."""

    def __init__(self, settings: TransportSettings) -> None:
        """Keep the settings; no connection is opened yet."""
        self._settings = settings
        self._client: Client | None = None
        self._timeouts: dict[float, timedelta] = {}

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | AsyncIterator[bytes] | None = None,
        timeout_seconds: float,
    ) -> HttpAnswer:
        """Send a request and read the whole answer."""
        try:
            builder = self._open().request(method, url).headers(headers).timeout(self._timeout(timeout_seconds))
            if isinstance(body, bytes):
                builder = builder.body_bytes(body)
            elif body is not None:
                builder = builder.body_stream(body)
            response = await builder.build().send()
            return HttpAnswer(response.status, bytes(await response.bytes()), response.get_header("retry-after"))
        except (PyreqwestError, OSError) as error:
            raise _classified(error) from None

    @asynccontextmanager
    async def stream(
        self, url: str, *, headers: Mapping[str, str], timeout_seconds: float
    ) -> AsyncIterator[HttpStream]:
        """Open a GET for reading."""
        try:
            request = self._open().get(url).headers(headers).timeout(self._timeout(timeout_seconds)).build_streamed()
            response = await request.__aenter__()
        except (PyreqwestError, OSError) as error:
            raise _classified(error) from None

        async def chunks() -> AsyncIterator[bytes]:
            try:
                while (chunk := await response.body_reader.read_chunk()) is not None:
                    yield bytes(chunk)
            except (PyreqwestError, OSError) as error:
                raise Unknown(describe(error)) from None

        try:
            yield HttpStream(response.status, content_length_of(response.get_header("content-length")), chunks())
        finally:
            await request.__aexit__(None, None, None)

    async def aclose(self) -> None:
        """Close every connection; the next request opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _timeout(self, seconds: float) -> timedelta:
        known = self._timeouts.get(seconds)
        if known is None:
            known = self._timeouts[seconds] = timedelta(seconds=seconds)
        return known

    def _open(self) -> Client:
        if self._client is None:
            settings = self._settings
            # HTTP/1.1 keeps the question "did a byte leave" answerable per connection; redirects could send a
            # message twice; a proxy from the environment would see the token.
            self._client = (
                ClientBuilder()
                .http1_only()
                .follow_redirects(enable=False)
                .no_proxy()
                .error_for_status(enable=False)
                .tcp_nodelay(enabled=True)
                .connect_timeout(timedelta(seconds=settings.connect_timeout_seconds))
                .max_connections(settings.max_connections)
                .pool_timeout(timedelta(seconds=settings.pool_timeout_seconds))
                .pool_idle_timeout(timedelta(seconds=settings.idle_seconds))
                .pool_max_idle_per_host(settings.max_connections)
                .build()
            )
        return self._client


def _classified(error: Exception) -> NotSent | Unknown:
    if isinstance(error, PoolTimeoutError | BuilderError):
        return NotSent(describe(error))
    causes = error.details.get("causes") if isinstance(error, DetailedPyreqwestError) else None
    if any(cause["message"] == _CONNECTING for cause in causes or ()):
        return NotSent(describe(error))
    return Unknown(describe(error))
