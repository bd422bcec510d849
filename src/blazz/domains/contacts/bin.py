"""The bin: deleted contacts stay in it for 30 days, then what is known of the person is removed for good."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from blazz.domains.contacts.events import ContactsPurged
from blazz.domains.contacts.search import LAST_ID, unindex_contacts
from blazz.domains.contacts.store import contact_of
from blazz.domains.contacts.types import Contact
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx, load_queries
from blazz.kernel.runtime import Runtime

BIN_PERIOD: Final = timedelta(days=30)
SQL = load_queries(__package__, "bin.sql")
_END_OF_TIME: Final = datetime(9999, 1, 1, tzinfo=UTC)
_BATCH: Final = 200


async def list_bin(
    tx: WorkspaceTx, actor: Actor, *, before: tuple[datetime, UUID] | None = None, limit: int
) -> list[Contact]:
    """List up to ``limit`` contacts of the bin, latest deleted first, after the instant and id of the last one seen."""
    actor.require(Permission.CONTACTS_READ)
    at, contact_id = before or (_END_OF_TIME, LAST_ID)
    rows = await tx.fetch(SQL["list_bin"], tx.workspace_id, at, contact_id, limit)
    return [contact_of(row) for row in rows]


async def is_purged(tx: WorkspaceTx, contact_id: UUID) -> bool:
    """Tell whether what was known of a contact is gone for good."""
    return bool(await tx.fetchval(SQL["is_purged"], tx.workspace_id, contact_id))


async def purge_bins(runtime: Runtime, *, batch: int = _BATCH) -> int:
    """Empty the bins of all workspaces of what lies there longer than the period; return how many contacts went.

    Safe to run in several processes at once and to kill at any moment.
    """
    limit = runtime.clock.now() - BIN_PERIOD
    purged, workspace_id = 0, 0
    while True:
        async with runtime.database.system() as tx:
            rows = await tx.fetch(SQL["workspaces_with_expired"], workspace_id, limit)
        if not rows:
            return purged
        for row in rows:
            workspace_id = row["workspace_id"]
            while (gone := await _purge_some(runtime, workspace_id, limit, batch)) > 0:
                purged += gone


async def _purge_some(runtime: Runtime, workspace_id: int, limit: datetime, batch: int) -> int:
    async with runtime.database.workspace(workspace_id) as tx:
        rows = await tx.fetch(SQL["lock_expired"], workspace_id, limit, batch)
        ids = [row["id"] for row in rows]
        if not ids:
            return 0
        said_stop = [row["id"] for row in rows if row["said_stop"]]
        await unindex_contacts(tx, ids)
        await tx.execute(SQL["forget_merges"], workspace_id, ids)
        kept = await _remove(tx, [contact_id for contact_id in ids if contact_id not in set(said_stop)])
        shells = kept + said_stop
        if shells:
            await tx.execute(SQL["forget_identities"], workspace_id, shells, said_stop)
            await tx.execute(SQL["forget_memberships"], workspace_id, shells)
            await tx.execute(SQL["forget_consents"], workspace_id, shells, said_stop)
            await tx.execute(SQL["empty_contacts"], workspace_id, shells, said_stop, runtime.clock.now())
        tx.publish(ContactsPurged(workspace_id=workspace_id, contact_ids=tuple(str(one) for one in ids)))
    return len(ids)


async def _remove(tx: WorkspaceTx, ids: list[UUID]) -> list[UUID]:
    """Delete contacts; return those that conversations hang on, which stay as shells."""
    try:
        await tx.savepoint(SQL["remove_contacts"], tx.workspace_id, ids)
    except asyncpg.ForeignKeyViolationError:
        if len(ids) == 1:
            return ids
        middle = len(ids) // 2
        return await _remove(tx, ids[:middle]) + await _remove(tx, ids[middle:])
    return []
