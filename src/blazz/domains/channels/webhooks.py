"""The door for provider webhooks: plain routes that verify the raw bytes, keep them, and answer.

Nothing is parsed here and nothing is written before the signature is right. A signed body that nobody understands is
kept and answered with 200, because a refusal would make the provider send it again for a week.
"""

import hmac
from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from blazz.domains.channels.errors import IntakeUnavailable
from blazz.domains.channels.intake import WebhookIntake
from blazz.domains.channels.types import DEFAULT_PROVIDER, signed_source
from blazz.domains.channels.webhook_secrets import AccountSecrets, WebhookSecrets
from blazz.kernel.ids import InvalidIdError, decode_id
from blazz.kernel.metrics import WEBHOOK_EVENTS

MAX_BODY_BYTES = 3_000_000
WEBHOOK_PATH = "/webhooks/meta/{account}"
_SCHEME = "sha256="


class _Refusal(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def webhook_routes(intake: WebhookIntake, secrets: WebhookSecrets) -> list[Route]:
    """Build the raw routes for the web application; put them before the API's own."""

    async def handshake(request: Request) -> Response:
        _, known = await _secrets_of(request, secrets)
        query = request.query_params
        given, wanted = query.get("hub.verify_token", ""), known.verify_token
        if query.get("hub.mode") != "subscribe" or not wanted or not _same(given, wanted):
            raise _Refusal(403, "the verify token is not the one of this account")
        return PlainTextResponse(query.get("hub.challenge", "")[:1000])

    async def receive(request: Request) -> Response:
        account_id, known = await _secrets_of(request, secrets)
        body = await _read_body(request)
        if not signature_matches(known.app_secret, body, request.headers.get("x-hub-signature-256", "")):
            raise _Refusal(403, "the signature does not match the body")
        # Whose secret proved it stays with the body: it may not speak for accounts that do not share the secret.
        await intake.accept(signed_source(DEFAULT_PROVIDER, account_id), body)
        return PlainTextResponse("ok")

    return [
        Route(WEBHOOK_PATH, _guarded(handshake), methods=["GET"]),
        Route(WEBHOOK_PATH, _guarded(receive), methods=["POST"]),
    ]


def signature_matches(secret: str, body: bytes, header: str) -> bool:
    """Compare ``X-Hub-Signature-256`` with the HMAC-SHA-256 of the raw body, in constant time."""
    if not secret or not header.startswith(_SCHEME):
        return False
    wanted = hmac.digest(secret.encode(), body, "sha256").hex()
    return _same(header[len(_SCHEME) :], wanted)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _guarded(handle: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return await handle(request)
        except _Refusal as refusal:
            WEBHOOK_EVENTS.labels("refused").inc()
            return PlainTextResponse(refusal.text, refusal.status)
        except IntakeUnavailable as error:
            WEBHOOK_EVENTS.labels("unavailable").inc()
            wait = error.data.get("retry_after_seconds", 2)
            return PlainTextResponse("try again", 503, {"Retry-After": str(wait)})
        except ClientDisconnect:
            return PlainTextResponse("the request ended early", 400)

    return answer


async def _secrets_of(request: Request, secrets: WebhookSecrets) -> tuple[UUID, AccountSecrets]:
    try:
        account_id = decode_id("acc", request.path_params["account"])
    except InvalidIdError:
        raise _Refusal(404, "no such account") from None
    known = await secrets.get(account_id)
    if known is None:
        raise _Refusal(404, "no such account")
    return account_id, known


async def _read_body(request: Request) -> bytes:
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared[:12]) > MAX_BODY_BYTES:
        raise _Refusal(413, "the body is larger than 3 MB")
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise _Refusal(413, "the body is larger than 3 MB")
        chunks.append(chunk)
    return b"".join(chunks)
