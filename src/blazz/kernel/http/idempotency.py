"""``Idempotency-Key``: a repeated POST or PATCH gets the first answer and has no second effect.

The key is claimed before the handler runs, in its own transaction, and the answer is stored after it. A key whose
answer is missing belongs to a request that still runs, or to one whose process died; after a minute it may be tried
again. Rows live 7 days (failure F-31).
"""

import hashlib

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blazz.kernel.errors import AppError, Conflict, FieldProblem, InvalidInput
from blazz.kernel.errors import Message as Text
from blazz.kernel.http.problems import problem_response
from blazz.kernel.http.scope import Authenticate, locale_of
from blazz.kernel.ids import InvalidIdError, decode_id
from blazz.kernel.runtime import Runtime

_MAX_BODY = 1_000_000
_CLAIM = """
INSERT INTO idempotency_keys (workspace_id, key, fingerprint, created_at) VALUES ($1, $2, $3, now())
ON CONFLICT (workspace_id, key) DO UPDATE SET created_at = now()
      WHERE idempotency_keys.status IS NULL AND idempotency_keys.created_at < now() - interval '1 minute'
        AND idempotency_keys.fingerprint = excluded.fingerprint
RETURNING true
"""
_READ = "SELECT fingerprint, status, body FROM idempotency_keys WHERE workspace_id = $1 AND key = $2"
_STORE = "UPDATE idempotency_keys SET status = $3, body = $4 WHERE workspace_id = $1 AND key = $2"
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
        except AppError as error:
            response = problem_response(
                error,
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
        body = await request.body()
        if len(body) > _MAX_BODY:
            await self.app(request.scope, _replay(body), send)
            return
        try:
            wanted = None if workspace == "current" else decode_id("wsp", workspace)
        except InvalidIdError:
            await self.app(request.scope, _replay(body), send)
            return
        actor = await authenticate(runtime, request, wanted)
        mark = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body).digest()
        async with runtime.database.workspace(actor.workspace_id) as tx:
            claimed = await tx.fetchval(_CLAIM, actor.workspace_id, key, mark)
            stored = None if claimed else await tx.fetchrow(_READ, actor.workspace_id, key)
        if stored is not None:
            if stored["fingerprint"] != mark:
                raise IdempotencyMismatch
            if stored["status"] is None:
                raise IdempotencyInProgress(retry_after_seconds=1)
            kind, content = msgspec.msgpack.decode(stored["body"], type=tuple[str, bytes])
            answer = Response(content, stored["status"], {"Idempotent-Replayed": "true"}, media_type=kind)
            await answer(request.scope, request.receive, send)
            return
        await self._run_and_store(request, runtime, actor.workspace_id, key, body, send)

    async def _run_and_store(
        self, request: Request, runtime: Runtime, workspace_id: int, key: str, body: bytes, send: Send
    ) -> None:
        status, kind, chunks = 500, "application/json", []
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
            final = 200 <= status < 300
            async with runtime.database.workspace(workspace_id) as tx:
                if final:
                    packed = msgspec.msgpack.encode((kind, b"".join(chunks)))
                    await tx.execute(_STORE, workspace_id, key, status, packed)
                else:
                    await tx.execute(_FORGET, workspace_id, key)
        await send(start)
        await send({"type": "http.response.body", "body": b"".join(chunks)})


def _replay(body: bytes) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
