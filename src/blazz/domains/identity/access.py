"""Who stands behind a session cookie, and what another site cannot make a browser do."""

import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from blazz.domains.identity.service import OpenSession, find_session
from blazz.kernel.errors import Message, PermissionDenied, Unauthenticated
from blazz.kernel.runtime import Runtime

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_COOKIE_SECONDS = 7 * 86_400


class CrossSiteRequest(PermissionDenied):
    """A change with a session cookie but without the session's CSRF token, or from another site."""

    code = "csrf_failed"
    message = Message(
        en="This change did not come from Blazz itself.", id="Perubahan ini tidak berasal dari Blazz sendiri."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A live session with the token its cookie holds."""

    session: OpenSession
    token: str


def session_cookie(runtime: Runtime) -> str:
    """Return the cookie's name; over https it is bound to this host."""
    return "__Host-blazz_session" if runtime.settings.base_url.startswith("https://") else "blazz_session"


def set_session_cookie(runtime: Runtime, response: Response, token: str) -> None:
    """Hand a session to the browser; scripts cannot read it."""
    response.set_cookie(
        session_cookie(runtime),
        token,
        max_age=_COOKIE_SECONDS,
        path="/",
        httponly=True,
        samesite="lax",
        secure=runtime.settings.base_url.startswith("https://"),
    )


async def require_session(request: Request) -> SignedIn:
    """Find the session of a request; a change must bring its CSRF token.

    Raises:
        Unauthenticated: no session, or one that has ended.
        CrossSiteRequest: a change that another site may have caused.

    """
    runtime: Runtime = request.app.state.runtime
    token = request.cookies.get(session_cookie(runtime))
    if token is None:
        raise Unauthenticated
    async with runtime.database.system() as tx:
        session = await find_session(tx, token, runtime.clock.now())
    if session is None:
        raise Unauthenticated
    if request.method not in _SAFE:
        require_same_site(runtime, request, session.csrf_token)
    return SignedIn(session=session, token=token)


def require_same_site(runtime: Runtime, request: Request, csrf_token: str) -> None:
    """Refuse a change that another site may have caused.

    Raises:
        CrossSiteRequest: the header is missing or wrong, or the Origin is not ours.

    """
    origin = request.headers.get("origin")
    own = urlsplit(runtime.settings.base_url)
    if origin is not None and urlsplit(origin)[:2] != own[:2]:
        raise CrossSiteRequest(permission="origin")
    given = request.headers.get("x-csrf-token", "")
    if not hmac.compare_digest(given.encode(), csrf_token.encode()):
        raise CrossSiteRequest(permission="csrf")
