"""One pass around every request: its id, its time, its security headers, and the short paths of API keys."""

import re
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blazz.kernel.ids import encode_id, new_uuid7
from blazz.kernel.metrics import HTTP_SECONDS

_REQUEST_ID = re.compile(r"^[\w.:-]{1,100}$")
_API = "/api/v1/"
# Paths under /api/v1 that do not belong to a workspace; all others may be called short with an API key.
_GLOBAL = frozenset({"workspaces", "auth", "openapi.json", "docs"})
_HEADERS = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("content-security-policy", "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
)


class RequestMiddleware:
    """Adds Request-Id, timing and security headers; maps ``/api/v1/contacts`` to the key's own workspace."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.match(given) else encode_id("req", new_uuid7())
        scope.setdefault("state", {})["request_id"] = request_id
        path: str = scope["path"]
        if path.startswith(_API) and path[len(_API) :].split("/", 1)[0] not in _GLOBAL and "authorization" in headers:
            scope["path"] = f"{_API}workspaces/current/{path[len(_API) :]}"
            scope["raw_path"] = scope["path"].encode()
        started, status = time.perf_counter(), 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableHeaders(scope=message)
                out["request-id"] = request_id
                for name, value in _HEADERS:
                    out.setdefault(name, value)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_headers)
            finally:
                route = scope.get("route")
                name = getattr(route, "path", "unmatched")
                HTTP_SECONDS.labels(name, scope["method"], str(status)).observe(time.perf_counter() - started)
