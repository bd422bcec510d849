"""Prepares the demo: a workspace, a number on the simulator, templates, and the messy list imported."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from blazz.domains.contacts import (
    Import,
    ImportOptions,
    create_starter_categories,
    get_import,
    start_import,
    upload,
)
from blazz.domains.identity import create_user, make_one_time_token
from blazz.domains.workspaces import Workspace, create_workspace
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.errors import DependencyFailed, Message
from blazz.kernel.runtime import Runtime
from blazz.main.simulator_number import SimulatorNumber, connect_simulator
from blazz.main.wiring import Providers

_BLOCK = 262_144
_OVER = frozenset({"checked", "completed", "cancelled", "failed"})


class DemoFailed(DependencyFailed):
    """A step of the demo did not end as it should; ``step`` and ``state`` say which and how."""

    code = "demo_failed"
    message = Message(en="The demo stopped at {step}: {state}.", id="Demo berhenti pada {step}: {state}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoWorkspace:
    """The demo's workspace with everything a campaign needs."""

    workspace: Workspace
    owner: Actor
    number_id: UUID
    account_id: UUID
    sign_in_token: str


async def make_workspace(runtime: Runtime, providers: Providers, simulator_url: str) -> DemoWorkspace:
    """Create the workspace, connect the simulator's number, point the simulator's webhooks here, read its templates."""
    now = runtime.clock.now()
    async with runtime.database.system() as tx:
        user_id = await create_user(tx, email="sari@toko-sinar.example", name="Sari", password=None)
        workspace = await create_workspace(tx, user_id, "Toko Sinar (demo)")
        token = await make_one_time_token(tx, "sign_in", now, user_id=user_id)
    owner = Actor(
        kind="user",
        workspace_id=workspace.id,
        permissions=frozenset(Permission),
        user_id=user_id,
        role="owner",
    )
    async with runtime.database.workspace(workspace.id) as tx:
        await create_starter_categories(tx, owner)
    wanted = SimulatorNumber(
        address=simulator_url,
        web_address=runtime.settings.base_url,
        display_name="Toko Sinar",
        messages_per_second=1000,
        is_default=True,
    )
    number, _ = await connect_simulator(runtime, providers, owner, wanted)
    return DemoWorkspace(
        workspace=workspace, owner=owner, number_id=number.id, account_id=number.account_id, sign_in_token=token
    )


async def import_list(
    runtime: Runtime, demo: DemoWorkspace, file: Path, *, dry_run: bool, watch: Callable[[Import], None]
) -> Import:
    """Import a list through the job queue, or only check it; ``watch`` sees the progress.

    Raises:
        DemoFailed: the import did not complete.

    """
    async with runtime.database.workspace(demo.workspace.id) as tx:
        job = await upload(tx, demo.owner, runtime, file.name, _blocks(file))
        await start_import(
            tx,
            demo.owner,
            runtime,
            job.id,
            ImportOptions(consent="Contoh persetujuan pada data demo"),
            dry_run=dry_run,
        )
    while True:
        async with runtime.database.workspace(demo.workspace.id) as tx:
            job = await get_import(tx, demo.owner, job.id)
        watch(job)
        if job.status in _OVER:
            break
        await asyncio.sleep(0.1)
    if job.status not in {"checked", "completed"}:
        raise DemoFailed(step="import", state=job.problem or job.status)
    return job


async def _blocks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as handle:
        while block := await asyncio.to_thread(handle.read, _BLOCK):
            yield block
