"""HTTP shared by every domain: the request's scope, problem documents, pages and ids."""

from blazz.kernel.http.again import RunAgainMiddleware
from blazz.kernel.http.idempotency import IdempotencyMiddleware, WorkspaceRoute
from blazz.kernel.http.middleware import RequestMiddleware
from blazz.kernel.http.pages import Page, decode_cursor, encode_cursor, page_of, parse_id
from blazz.kernel.http.problems import install_problem_handlers, problem_response
from blazz.kernel.http.scope import Authenticate, Scope, WorkspaceScope, locale_of

__all__ = [
    "Authenticate",
    "IdempotencyMiddleware",
    "Page",
    "RequestMiddleware",
    "RunAgainMiddleware",
    "Scope",
    "WorkspaceRoute",
    "WorkspaceScope",
    "decode_cursor",
    "encode_cursor",
    "install_problem_handlers",
    "locale_of",
    "page_of",
    "parse_id",
    "problem_response",
]
