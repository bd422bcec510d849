"""From credentials to an actor: a key's workspace, or a session's membership. Nothing is cached, so rights end at once."""

from uuid import UUID

from starlette.requests import Request

from blazz.domains.identity import find_session, require_same_site, session_cookie
from blazz.domains.workspaces.roles import ROLE_PERMISSIONS, Role
from blazz.domains.workspaces.store import SQL
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.errors import NotFound, Unauthenticated
from blazz.kernel.runtime import Runtime
from blazz.kernel.security import digest_token

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def bearer_of(request: Request) -> str | None:
    """Return the bearer token of a request, if any."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


async def authenticate(runtime: Runtime, request: Request, workspace: UUID | None) -> Actor:
    """Tell who asks, in the wanted workspace; None means the key's own.

    Raises:
        Unauthenticated: no credentials, or ones that are unknown, expired or revoked.
        NotFound: the workspace is not the key's, or the person is not a member.
        CrossSiteRequest: a change by session without its CSRF token.

    """
    bearer = bearer_of(request)
    if bearer is not None:
        return await _by_key(runtime, bearer, workspace)
    token = request.cookies.get(session_cookie(runtime))
    if token is None:
        raise Unauthenticated
    return await _by_session(runtime, request, token, workspace)


async def _by_key(runtime: Runtime, bearer: str, workspace: UUID | None) -> Actor:
    now = runtime.clock.now()
    async with runtime.database.system() as tx:
        row = await tx.fetchrow(SQL["find_key"], digest_token(bearer), now)
        if row is None:
            raise Unauthenticated
        if workspace is not None and workspace != row["public_id"]:
            raise NotFound
        await tx.execute(SQL["touch_key"], row["workspace_id"], row["id"], now)
    known = {item.value for item in Permission}
    return Actor(
        kind="key",
        workspace_id=row["workspace_id"],
        permissions=frozenset(Permission(scope) for scope in row["scopes"] if scope in known),
        key_id=row["id"],
        is_test_key=row["is_test"],
        role="key",
    )


async def _by_session(runtime: Runtime, request: Request, token: str, workspace: UUID | None) -> Actor:
    async with runtime.database.system() as tx:
        session = await find_session(tx, token, runtime.clock.now())
        if session is None:
            raise Unauthenticated
        row = await tx.fetchrow(SQL["membership"], workspace, session.user.id) if workspace is not None else None
    if request.method not in _SAFE:
        require_same_site(runtime, request, session.csrf_token)
    if row is None:
        raise NotFound
    role = Role(row["role"])
    return Actor(
        kind="user",
        workspace_id=row["workspace_id"],
        permissions=ROLE_PERMISSIONS[role],
        user_id=session.user.id,
        role=role.value,
        locale="en" if session.user.locale == "en" else "id",
    )
