"""The alternative transport: aiohttp, chosen by setting."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from yarl import URL

from .transport import HttpAnswer, HttpStream, NotSent, TransportSettings, Unknown, content_length_of, describe

# ClientConnectorError covers address lookup, refused connections and TLS; InvalidURL and ValueError a broken request.
_BEFORE_THE_FIRST_BYTE = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)
_AFTER = (aiohttp.ClientError, asyncio.TimeoutError, OSError)


class AiohttpTransport:
    """Sends through one aiohttp session, made at first use in the running loop."""

    def __init__(self, settings: TransportSettings) -> None:
        """Keep the settings; no connection is opened yet."""
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

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
            async with self._open().request(
                method,
                _exact(url),
                headers=headers,
                data=body,
                allow_redirects=False,
                timeout=self._timeout(timeout_seconds),
            ) as response:
                return HttpAnswer(response.status, await response.read(), response.headers.get("Retry-After"))
        except _BEFORE_THE_FIRST_BYTE as error:
            raise NotSent(describe(error)) from None
        except _AFTER as error:
            raise Unknown(describe(error)) from None

    @asynccontextmanager
    async def stream(
        self, url: str, *, headers: Mapping[str, str], timeout_seconds: float
    ) -> AsyncIterator[HttpStream]:
        """Open a GET for reading."""
        try:
            response = await self._open().get(
                _exact(url), headers=headers, allow_redirects=False, timeout=self._timeout(timeout_seconds)
            )
        except _BEFORE_THE_FIRST_BYTE as error:
            raise NotSent(describe(error)) from None
        except _AFTER as error:
            raise Unknown(describe(error)) from None

        async def chunks() -> AsyncIterator[bytes]:
            try:
                async for chunk in response.content.iter_any():
                    yield chunk
            except _AFTER as error:
                raise Unknown(describe(error)) from None

        try:
            yield HttpStream(response.status, content_length_of(response.headers.get("Content-Length")), chunks())
        finally:
            response.close()

    async def aclose(self) -> None:
        """Close every connection; the next request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _timeout(self, seconds: float) -> aiohttp.ClientTimeout:
        connect = self._settings.connect_timeout_seconds
        waiting = connect + self._settings.pool_timeout_seconds
        return aiohttp.ClientTimeout(total=seconds, connect=waiting, sock_connect=connect)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            settings = self._settings
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=settings.max_connections, keepalive_timeout=settings.idle_seconds, ttl_dns_cache=30
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session


def _exact(url: str) -> URL:
    # aiohttp would rewrite escapes, which breaks signed download addresses.
    return URL(url, encoded=True)
