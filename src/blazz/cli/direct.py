"""Runs operator verbs on the database itself, so that they work when no web process does."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from blazz.cli.endings import CONFLICT, NOT_FOUND, USAGE, CommandRefused
from blazz.domains.workspaces import OwnedWorkspace, list_all_workspaces
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.config import Settings, load_settings
from blazz.kernel.db import SystemTx
from blazz.kernel.ids import encode_id
from blazz.kernel.logs import configure_logs
from blazz.kernel.runtime import Runtime
from blazz.main.local_database import owner_url
from blazz.main.wiring import open_runtime
from blazz.migrations import migrate, schema_state

T = TypeVar("T")
_POOL_SIZE = 2


def on_database(work: Callable[[Runtime], Awaitable[T]]) -> T:
    """Run a piece of work on this installation's database, starting the embedded one when it does not run.

    Raises:
        CommandRefused: the schema is older than this version.

    """
    settings = load_settings()
    configure_logs("operator", level="ERROR")
    with owner_url(settings) as url:
        return asyncio.run(_run(settings, url, work))


async def _run(settings: Settings, url: str, work: Callable[[Runtime], Awaitable[T]]) -> T:
    state = await schema_state(url)
    if not state.applied:
        # Nothing is there yet, so nothing can be in the way: a first user may be made before the first start.
        await migrate(url, settings.key)
    elif state.missing:
        raise CommandRefused("The database is older than this version. Run `blazz migrate` first.", CONFLICT)
    runtime = await open_runtime(settings, "operator", pool_size=_POOL_SIZE)
    try:
        return await work(runtime)
    finally:
        await runtime.database.close()


def in_system(work: Callable[[SystemTx], Awaitable[T]]) -> T:
    """Run a piece of work in one transaction over the whole instance."""

    async def run(runtime: Runtime) -> T:
        return await in_system_of(runtime, work)

    return on_database(run)


async def in_system_of(runtime: Runtime, work: Callable[[SystemTx], Awaitable[T]]) -> T:
    """Run a piece of work in one transaction over the whole instance, as a part of a longer one."""
    async with runtime.database.system() as tx:
        return await work(tx)


async def find_workspace(runtime: Runtime, named: str | None) -> OwnedWorkspace:
    """Find a workspace by id or name; the only one when none is named.

    Raises:
        CommandRefused: there is none, or more than one fits.

    """
    known = await in_system_of(runtime, list_all_workspaces)
    if named is None:
        fitting = known
    else:
        fitting = [one for one in known if workspace_id(one) == named]
        fitting = fitting or [one for one in known if one.workspace.name.casefold() == named.strip().casefold()]
    if len(fitting) == 1:
        return fitting[0]
    listed = "\n".join(f"  {workspace_id(one)}  {one.workspace.name}" for one in (fitting or known)[:20])
    if not known:
        raise CommandRefused("There is no workspace yet. `blazz workspaces create` makes one.", NOT_FOUND)
    if not fitting:
        raise CommandRefused(f"No workspace is called “{named}”. There are:\n{listed}", NOT_FOUND)
    raise CommandRefused(f"Say which workspace with --workspace:\n{listed}", USAGE)


def workspace_id(one: OwnedWorkspace) -> str:
    """Return a workspace's public id."""
    return encode_id("wsp", one.workspace.public_id)


def operator_of(one: OwnedWorkspace) -> Actor:
    """Return the actor of an operator's command in a workspace: the machine itself vouches for every permission."""
    return Actor.system(one.workspace.id, "operator at the shell", *Permission)
