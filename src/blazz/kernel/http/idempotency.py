"""``Idempotency-Key``: a repeated POST or PATCH gets the first answer and has no second effect.

The key is claimed before the handler runs, in its own transaction. A handler that works inside the request's transaction
(``WorkspaceScope``) has its answer stored in that same transaction, so effect and answer exist together or not at all, also
when the process dies or the reply to COMMIT is lost (failures F-05 and F-31). Handlers that talk to the outside between
short transactions have it stored after them. A key whose answer is missing belongs to a request that still runs, or to
one whose process died before it took effect; after a minute it may be tried again. Rows live 7 days.
"""

import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blazz.kernel.db import WorkspaceTx
from blazz.kernel.db.retry import is_database_away
from blazz.kernel.errors import AppError, Conflict, FieldProblem, InvalidInput
from blazz.kernel.errors import Message as Text
from blazz.kernel.http.problems import ServiceAway, problem_response
from blazz.kernel.http.scope import Authenticate, locale_of
from blazz.kernel.ids import InvalidIdError, decode_id
from blazz.kernel.runtime import Runtime

_MAX_BODY = 1_000_000
_JSON = "application/json"
_CLAIM = """
INSERT INTO idempotency_keys (workspace_id, key, fingerprint, created_at) VALUES ($1, $2, $3, now())
ON CONFLICT (workspace_id, key) DO UPDATE SET created_at = now()
      WHERE idempotency_keys.status IS NULL AND idempotency_keys.created_at < now() - interval '1 minute'
        AND idempotency_keys.fingerprint = excluded.fingerprint
RETURNING created_at
"""
_READ = "SELECT fingerprint, status, body FROM idempotency_keys WHERE workspace_id = $1 AND key = $2"
# Only the claim that is still the last one: a request that was frozen for longer than a minute has lost its turn.
_STORE = """
UPDATE idempotency_keys SET status = $3, body = $4
 WHERE workspace_id = $1 AND key = $2 AND status IS NULL AND created_at = $5
RETURNING true
"""
_FORGET = "DELETE FROM idempotency_keys WHERE workspace_id = $1 AND key = $2 AND status IS NULL"


class IdempotencyMismatch(InvalidInput):
    """The key was used before for a different request."""

    code = "idempotency_mismatch"
    message = Text(
        en="This Idempotency-Key was used for a different request.",
        id="Idempotency-Key ini sudah dipakai untuk permintaan lain.",
    )


class IdempotencyInProgress(Conflict):
    """The first request with this key has not finished yet."""

    code = "idempotency_in_progress"
    message = Text(
        en="The first request with this Idempotency-Key is still running.",
        id="Permintaan pertama dengan Idempotency-Key ini masih berjalan.",
    )


@dataclass(slots=True)
class ClaimedKey:
    """A key that the present request has claimed, and whether its answer stands in the transaction of its effect."""

    key: str
    claimed_at: datetime
    is_stored: bool = False


class WorkspaceRoute(APIRoute):
    """A route whose answer is stored under its Idempotency-Key in the transaction that makes its effect."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler; it runs while the request's transaction is still open."""
        handle = super().get_route_handler()

        async def handle_and_keep(request: Request) -> Response:
            response = await handle(request)
            claimed: ClaimedKey | None = getattr(request.state, "idempotency", None)
            tx: WorkspaceTx | None = getattr(request.state, "tx", None)
            if claimed is not None and tx is not None and 200 <= response.status_code < 300:
                packed = _pack(response.headers.get("content-type", _JSON), bytes(response.body))
                stored = await tx.fetchval(
                    _STORE, tx.workspace_id, claimed.key, response.status_code, packed, claimed.claimed_at
                )
                if stored is None:
                    raise IdempotencyInProgress(retry_after_seconds=1)
                claimed.is_stored = True
            return response

        return handle_and_keep


def _pack(kind: str, body: bytes) -> bytes:
    return msgspec.msgpack.encode((kind, body))


class IdempotencyMiddleware:
    """Replays stored answers under the workspace prefix."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, once per key."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        key = headers.get("idempotency-key")
        parts = scope.get("path", "").split("/")
        if key is None or scope["method"] not in {"POST", "PATCH"} or parts[1:4] != ["api", "v1", "workspaces"]:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            await self._serve(request, key, parts[4] if len(parts) > 4 else "", send)
        except Exception as error:
            if not isinstance(error, AppError) and not is_database_away(error):
                raise
            response = problem_response(
                error if isinstance(error, AppError) else ServiceAway(retry_after_seconds=2),
                locale=locale_of(request),
                request_id=scope.get("state", {}).get("request_id", ""),
                instance=scope["path"],
            )
            await response(scope, receive, send)

    async def _serve(self, request: Request, key: str, workspace: str, send: Send) -> None:
        runtime: Runtime = request.app.state.runtime
        authenticate: Authenticate = request.app.state.authenticate
        if not 1 <= len(key) <= 255 or not key.isprintable():
            raise InvalidInput(
                (
                    FieldProblem(
                        pointer="/Idempotency-Key",
                        code="invalid_idempotency_key",
                        message=Text(en="Use 1 to 255 printable characters.", id="Gunakan 1 sampai 255 karakter."),
                    ),
                )
            )
        body, is_whole = await _read_most(request.receive)
        if not is_whole:
            # Files are too large to be kept for a comparison: they stream on, and uploading twice does no harm.
            await self.app(request.scope, _replay(body, request.receive), send)
            return
        try:
            wanted = None if workspace == "current" else decode_id("wsp", workspace)
        except InvalidIdError:
            await self.app(request.scope, _replay(body), send)
            return
        actor = await authenticate(runtime, request, wanted)
        mark = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body).digest()
        async with runtime.database.workspace(actor.workspace_id) as tx:
            claimed_at = await tx.fetchval(_CLAIM, actor.workspace_id, key, mark)
            stored = None if claimed_at else await tx.fetchrow(_READ, actor.workspace_id, key)
        if stored is not None:
            if stored["fingerprint"] != mark:
                raise IdempotencyMismatch
            if stored["status"] is None:
                raise IdempotencyInProgress(retry_after_seconds=1)
            kind, content = msgspec.msgpack.decode(stored["body"], type=tuple[str, bytes])
            answer = Response(content, stored["status"], {"Idempotent-Replayed": "true"}, media_type=kind)
            await answer(request.scope, request.receive, send)
            return
        claimed = ClaimedKey(key, claimed_at)
        request.state.idempotency = claimed
        await self._run_and_store(request, runtime, actor.workspace_id, claimed, body, send)

    async def _run_and_store(
        self, request: Request, runtime: Runtime, workspace_id: int, claimed: ClaimedKey, body: bytes, send: Send
    ) -> None:
        status, kind, chunks = 500, _JSON, []
        start: Message = {}

        async def capture(message: Message) -> None:
            nonlocal status, kind, start
            if message["type"] == "http.response.start":
                start, status = message, message["status"]
                kind = Headers(raw=message["headers"]).get("content-type", kind)
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))

        try:
            await self.app(request.scope, _replay(body), capture)
        finally:
            # A refusal or failure changed nothing (its transaction rolled back), so the key stays free for a new try.
            # Where COMMIT went through and only its reply was lost, the stored answer protects the key.
            if not (claimed.is_stored and 200 <= status < 300):
                packed = _pack(kind, b"".join(chunks))
                async with runtime.database.workspace(workspace_id) as tx:
                    if 200 <= status < 300:
                        await tx.execute(_STORE, workspace_id, claimed.key, status, packed, claimed.claimed_at)
                    else:
                        await tx.execute(_FORGET, workspace_id, claimed.key)
        await send(start)
        await send({"type": "http.response.body", "body": b"".join(chunks)})


async def _read_most(receive: Receive) -> tuple[bytes, bool]:
    """Read a body up to the limit; False when there is more of it."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts), True
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body", False):
            return b"".join(parts), True
        if size > _MAX_BODY:
            return b"".join(parts), False


def _replay(body: bytes, rest: Receive | None = None) -> Receive:
    """Give out what was read already, then the rest where there is one."""
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"} if rest is None else await rest()
        sent = True
        return {"type": "http.request", "body": body, "more_body": rest is not None}

    return receive
