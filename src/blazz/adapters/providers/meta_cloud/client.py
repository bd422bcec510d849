"""Speaks to Meta's Graph API: addresses, credentials, sends and management calls."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from blazz.domains.channels.failures import FailureCode, SendFailure
from blazz.domains.channels.ports import Credentials, InDoubt, ProviderCallFailed, Refused, Requeue, SendOutcome

from .mapping import decode_object, failure_of, meta_code, outcome_of, read_error
from .redaction import redact
from .transport import NotSent, Transport, TransportSettings, Unknown
from .transport_pyreqwest import PyreqwestTransport

_UNREACHABLE_WAIT_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaCloudSettings:
    """Where Meta's API is and how patient we are with it.

    ``media_hosts`` are the host names, and with a leading dot the domains, that may be handed a token for a download
    beside the host of ``base_url``.
    """

    base_url: str = "https://graph.facebook.com"
    api_version: str = "v25.0"
    send_timeout_seconds: float = 15.0
    call_timeout_seconds: float = 30.0
    media_timeout_seconds: float = 300.0
    http: Literal["pyreqwest", "aiohttp"] = "pyreqwest"
    connections: TransportSettings = field(default_factory=TransportSettings)
    media_hosts: tuple[str, ...] = (".fbsbx.com", ".fbcdn.net", ".facebook.com", ".whatsapp.net")


def make_transport(settings: MetaCloudSettings) -> Transport:
    """Make the transport the settings ask for."""
    if settings.http == "aiohttp":
        # Ten megabytes and a fifth of a second that nobody pays who does not choose it.
        from .transport_aiohttp import AiohttpTransport

        return AiohttpTransport(settings.connections)
    return PyreqwestTransport(settings.connections)


class GraphClient:
    """Sends messages and makes management calls; tokens appear in headers only, never in text."""

    def __init__(self, settings: MetaCloudSettings, transport: Transport) -> None:
        """Keep the settings and the transport."""
        self.settings = settings
        self._transport = transport
        self._root = f"{settings.base_url.rstrip('/')}/{settings.api_version}"

    def url(self, *segments: str, query: Mapping[str, str] | None = None) -> str:
        """Build an address below the version; segments are escaped, so an id can never change the path."""
        path = "/".join(_escape(segment) for segment in segments)
        return f"{self._root}/{path}?{urlencode(query)}" if query else f"{self._root}/{path}"

    async def send(
        self, number_id: str, door: str, credentials: Credentials, body: bytes, pushbacks: int
    ) -> SendOutcome:
        """Post a message once and say what became of it."""
        token = credentials.access_token
        if not _is_header_safe(token):
            return Refused(
                failure=SendFailure(code=FailureCode.TOKEN_INVALID, detail="the token is empty or malformed")
            )
        try:
            answer = await self._transport.request(
                "POST",
                self.url(number_id, door),
                headers=_json_headers(token),
                body=body,
                timeout_seconds=self.settings.send_timeout_seconds,
            )
        except NotSent as error:
            failure = SendFailure(code=FailureCode.PROVIDER_UNREACHABLE, detail=str(error))
            return Requeue(failure=failure, retry_after_seconds=_UNREACHABLE_WAIT_SECONDS, scope="app")
        except Unknown as error:
            failure = SendFailure(code=FailureCode.PROVIDER_UNREACHABLE, detail=str(error))
            return InDoubt(reason=f"transport_{error}", failure=failure)
        return outcome_of(answer.status, answer.body, retry_after=answer.retry_after, pushbacks=pushbacks)

    async def call(
        self,
        method: str,
        url: str,
        credentials: Credentials,
        *,
        payload: Mapping[str, object] | None = None,
        raw_body: bytes | AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float | None = None,
    ) -> Mapping[str, object]:
        """Make a management call and give its JSON object; raises ProviderCallFailed."""
        all_headers = dict(bearer(credentials)) | dict(headers or {})
        body: bytes | AsyncIterator[bytes] | None = raw_body
        if payload is not None:
            body = msgspec.json.encode(payload)
            all_headers["Content-Type"] = "application/json"
        try:
            answer = await self._transport.request(
                method,
                url,
                headers=all_headers,
                body=body,
                timeout_seconds=timeout_seconds or self.settings.call_timeout_seconds,
            )
        except (NotSent, Unknown) as error:
            failure = SendFailure(code=FailureCode.PROVIDER_UNREACHABLE, detail=str(error))
            raise ProviderCallFailed(failure, certain=isinstance(error, NotSent)) from None
        found = decode_object(answer.body)
        if 200 <= answer.status < 300 and found is not None and "error" not in found:
            return found
        raise call_failed(answer.status, found, credentials)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    def stream_transport(self) -> Transport:
        """Give the transport for downloads."""
        return self._transport

    def may_hand_token_to(self, url: str) -> bool:
        """Tell whether a download address is Meta's or that of ``base_url``, so that the token stays with them."""
        parts, base = urlsplit(url), urlsplit(self.settings.base_url)
        if (parts.scheme, parts.netloc) == (base.scheme, base.netloc):
            return True
        host = (parts.hostname or "").lower()
        if parts.scheme != "https" or parts.port not in {None, 443} or "@" in parts.netloc:
            return False
        return any(host == known or (known[0] == "." and host.endswith(known)) for known in self.settings.media_hosts)


def bearer(credentials: Credentials) -> Mapping[str, str]:
    """Write the authorization header; raises ProviderCallFailed for a token no header can carry."""
    if not _is_header_safe(credentials.access_token):
        failure = SendFailure(code=FailureCode.TOKEN_INVALID, detail="the token is empty or malformed")
        raise ProviderCallFailed(failure, certain=True)
    return {"Authorization": f"Bearer {credentials.access_token}"}


def call_failed(status: int, answer: Mapping[str, object] | None, credentials: Credentials) -> ProviderCallFailed:
    """Turn a refused or unreadable answer of a management call into the error to raise."""
    if answer is None or not isinstance(answer.get("error"), Mapping):
        code = FailureCode.NUMBER_RATE_LIMIT if status == 429 else FailureCode.PROVIDER_UNREADABLE
        return ProviderCallFailed(SendFailure(code=code, detail=f"HTTP {status}"), certain=status == 429)
    error = read_error(answer["error"])
    failure = failure_of(error)
    known = meta_code(error.code, error.subcode)
    certain = not known.in_doubt and (status < 500 or known.scope is not None or known.certain_on_server_error)
    clean = SendFailure(
        code=failure.code,
        provider_code=failure.provider_code,
        detail=redact(failure.detail, credentials.access_token),
        trace_id=failure.trace_id,
        retry_after_seconds=failure.retry_after_seconds,
        retry_growth=failure.retry_growth,
        max_tries=failure.max_tries,
    )
    return ProviderCallFailed(clean, certain=certain)


@lru_cache(maxsize=4096)
def _escape(segment: str) -> str:
    if segment in {"", ".", ".."}:
        raise ValueError("an id in an address is empty or a dot")
    return quote(segment, safe="")


@lru_cache(maxsize=256)
def _json_headers(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def _is_header_safe(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable() and " " not in token
