"""The scope of one request: who asks, in which workspace, inside which transaction.

The transaction commits before the response is written, because the dependency has function scope.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import Depends, Path
from starlette.requests import Request

from blazz.kernel.actor import Actor
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.db.retry import is_retryable
from blazz.kernel.errors import Locale, NotFound
from blazz.kernel.http.again import wish_to_run_again
from blazz.kernel.ids import InvalidIdError, decode_id
from blazz.kernel.runtime import Runtime

Authenticate = Callable[[Runtime, Request, UUID | None], Awaitable[Actor]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A request inside a workspace."""

    tx: WorkspaceTx
    actor: Actor
    runtime: Runtime
    locale: Locale
    request_id: str


def locale_of(request: Request) -> Locale:
    """Return the language of the answer: the first of Indonesian and English that the client accepts; English otherwise."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        tag = part.split(";")[0].strip()[:2]
        if tag == "id":
            return "id"
        if tag == "en":
            return "en"
    return "en"


async def open_scope(
    request: Request,
    workspace: Annotated[str, Path(description="`wsp_…`, or `current` for the workspace of the API key")],
) -> AsyncIterator[Scope]:
    """Authenticate, then open the workspace's transaction around the handler."""
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
    try:
        async with runtime.database.workspace(actor.workspace_id) as tx:
            # Where the answer is stored together with its effect (see idempotency).
            request.state.tx = tx
            yield Scope(
                tx=tx,
                actor=actor,
                runtime=runtime,
                locale=locale_of(request),
                request_id=getattr(request.state, "request_id", ""),
            )
    except asyncpg.PostgresError as error:
        if is_retryable(error):
            wish_to_run_again(request.state)
        raise


WorkspaceScope = Annotated[Scope, Depends(open_scope, scope="function")]
