"""Takes an import back in small transactions; a killed undo goes on, because what is done leaves no trace to do again."""

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from blazz.domains.contacts import store as contacts
from blazz.domains.contacts.events import ImportFinished
from blazz.domains.contacts.imports import store
from blazz.domains.contacts.imports.changes import undone
from blazz.domains.contacts.imports.chunks import write_changes
from blazz.domains.contacts.imports.store import SQL
from blazz.domains.contacts.imports.types import Before
from blazz.domains.contacts.search import index_contacts, unindex_contacts
from blazz.kernel.db import WorkspaceTx, retry_transaction
from blazz.kernel.runtime import Runtime

_BATCH: Final = 1_000


async def undo(runtime: Runtime, workspace_id: int, import_id: UUID) -> None:
    """Remove contacts the import made that nobody used since, and put back what it changed on others.

    A field somebody edited after the import keeps the edit. Does nothing unless the import is being undone.
    """
    async with runtime.database.workspace(workspace_id) as tx:
        job = await store.get(tx, import_id)
    if job is None or job.status != "undoing":
        return
    cursor: UUID | None = UUID(int=0)
    while cursor is not None:
        step = partial(_remove, runtime, workspace_id, import_id, cursor)
        cursor = await retry_transaction(step)
    while await retry_transaction(lambda: _put_back(runtime, workspace_id, import_id)):
        pass
    async with runtime.database.workspace(workspace_id) as tx:
        job = await store.get(tx, import_id, lock=True)
        if job is not None and job.status == "undoing":
            status = "cancelled" if job.rollback else "undone"
            await store.finish(tx, import_id, status, runtime.clock.now())
            tx.publish(ImportFinished(workspace_id=workspace_id, import_id=import_id, status=status))


async def _remove(runtime: Runtime, workspace_id: int, import_id: UUID, after: UUID) -> UUID | None:
    async with runtime.database.workspace(workspace_id) as tx:
        rows = await tx.fetch(SQL["removable"], workspace_id, import_id, after, _BATCH)
        if not rows:
            return None
        ids = [row["id"] for row in rows]
        # Into the bin first, which takes every count down; then for good.
        await contacts.set_deleted(tx, ids, deleted=True)
        try:
            await tx.savepoint(SQL["remove_contacts"], workspace_id, ids)
        except asyncpg.ForeignKeyViolationError:
            # A conversation hangs on one of them; these stay in the bin.
            await unindex_contacts(tx, ids)
    last: UUID = ids[-1]
    return last


async def _put_back(runtime: Runtime, workspace_id: int, import_id: UUID) -> bool:
    async with runtime.database.workspace(workspace_id) as tx:
        rows = await tx.fetch(SQL["undoable_rows"], workspace_id, import_id, _BATCH)
        if not rows:
            return False
        befores = {row["contact_id"]: msgspec.json.decode(row["before"], type=Before) for row in rows}
        locked = await tx.fetch(SQL["lock_contacts"], workspace_id, list(befores))
        people = {row["id"]: contacts.contact_of(row) for row in locked}
        changed = [undone(person, befores[person.id]) for person in people.values()]
        # The bin comes last, so that a contact that was in it is written first.
        live_changes = [
            replace(change, before=Before()) for change in changed if not people[change.contact_id].deleted_at
        ]
        await write_changes(tx, live_changes)
        await _leave_groups(tx, {key: befores[key].groups for key in people})
        back = [key for key in people if befores[key].restored]
        await contacts.set_deleted(tx, back, deleted=True)
        await unindex_contacts(tx, back)
        renewed = await contacts.by_ids(tx, [key for key in people if key not in back])
        live = [person for person in renewed if person.deleted_at is None]
        await index_contacts(tx, [(person.id, person.name, person.email, person.phone) for person in live])
        await tx.execute(SQL["mark_undone"], workspace_id, import_id, [row["row_number"] for row in rows])
    return True


async def _leave_groups(tx: WorkspaceTx, joined: dict[UUID, tuple[UUID, ...]]) -> None:
    pairs = [(group_id, contact_id) for contact_id, groups in joined.items() for group_id in groups]
    if not pairs:
        return
    rows = await tx.fetch(
        SQL["remove_memberships"], tx.workspace_id, [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    )
    gone = Counter(row["group_id"] for row in rows if row["is_live"])
    await contacts.count_groups(tx, {key: -amount for key, amount in gone.items()})
