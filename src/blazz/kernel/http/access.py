"""Access to a workspace without an open transaction, for handlers that talk to the outside between transactions."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path
from starlette.requests import Request

from blazz.kernel.actor import Actor
from blazz.kernel.errors import Locale, NotFound
from blazz.kernel.http.scope import Authenticate, locale_of
from blazz.kernel.ids import InvalidIdError, decode_id
from blazz.kernel.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who asks, in which workspace; the handler opens its own short transactions."""

    actor: Actor
    runtime: Runtime
    locale: Locale


async def open_access(
    request: Request,
    workspace: Annotated[str, Path(description="`wsp_…`, or `current` for the workspace of the API key")],
) -> Access:
    """Authenticate a request inside a workspace."""
    runtime: Runtime = request.app.state.runtime
    authenticate: Authenticate = request.app.state.authenticate
    wanted: UUID | None = None
    if workspace != "current":
        try:
            wanted = decode_id("wsp", workspace)
        except InvalidIdError:
            # Still authenticate first: an unknown workspace and a foreign one must look the same.
            wanted = UUID(int=0)
    actor = await authenticate(runtime, request, wanted)
    if actor.workspace_id <= 0:
        raise NotFound
    return Access(actor=actor, runtime=runtime, locale=locale_of(request))


WorkspaceAccess = Annotated[Access, Depends(open_access)]
