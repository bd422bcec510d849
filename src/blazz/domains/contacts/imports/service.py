"""Commands and questions about imports."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final
from uuid import UUID

from blazz.domains.contacts import taxonomy
from blazz.domains.contacts.errors import (
    FileTooLarge,
    ImportFilesRemoved,
    ImportNotFound,
    ImportStateConflict,
    InvalidMapping,
    UndoExpired,
)
from blazz.domains.contacts.imports import store
from blazz.domains.contacts.imports.jobs_types import RunImport, UndoImport
from blazz.domains.contacts.imports.rows import has_phone, mapping_of
from blazz.domains.contacts.imports.run import file_of
from blazz.domains.contacts.imports.store import SQL
from blazz.domains.contacts.imports.types import OUTCOMES, Import, ImportOptions, Outcome, Reject
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import new_uuid7
from blazz.kernel.runtime import Runtime
from blazz.kernel.space import require_space
from blazz.kernel.tabular import detect

API_LIMIT_BYTES: Final = 50 * 1024 * 1024
_STARTABLE: Final = frozenset({"uploaded", "checked", "failed"})
_UNDOABLE: Final = frozenset({"completed", "cancelled", "failed"})


async def upload(
    tx: WorkspaceTx,
    actor: Actor,
    runtime: Runtime,
    file_name: str,
    content: AsyncIterator[bytes],
    *,
    limit_bytes: int | None = API_LIMIT_BYTES,
) -> Import:
    """Store a file on this machine, find out what it is, and make an import of it. None means any size.

    Raises:
        FileTooLarge: more than ``limit_bytes`` came.
        StorageFull: the disk is nearly full.
        UnreadableFile: the file is empty or no table; its subclasses say why.

    """
    actor.require(Permission.CONTACTS_IMPORT)
    await require_space(tx)
    import_id = new_uuid7()
    folder = runtime.storage_dir / "imports"
    path = folder / str(import_id)
    try:
        await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        size = await _save(path, content, limit_bytes)
        fmt = await asyncio.to_thread(detect, path)
        row = await tx.fetchrow(
            SQL["insert_import"],
            tx.workspace_id,
            import_id,
            PurePosixPath(file_name.replace("\\", "/").replace("\x00", "")).name[:255] or "contacts",
            size,
            str(import_id),
            store.as_json(ImportOptions()),
            store.as_json(fmt),
            actor.user_id,
            runtime.clock.now(),
        )
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    assert row is not None
    return store.import_of(row)


async def _save(path: Path, content: AsyncIterator[bytes], limit_bytes: int | None) -> int:
    size = 0
    with path.open("wb") as file:
        async for block in content:
            size += len(block)
            if limit_bytes is not None and size > limit_bytes:
                raise FileTooLarge(limit_mb=limit_bytes // 1_048_576)
            await asyncio.to_thread(file.write, block)
    return size


async def get_import(tx: WorkspaceTx, actor: Actor, import_id: UUID) -> Import:
    """Read an import.

    Raises:
        ImportNotFound: there is none.

    """
    actor.require(Permission.CONTACTS_IMPORT)
    return await _require(tx, import_id)


async def list_imports(tx: WorkspaceTx, actor: Actor, *, before: UUID, limit: int) -> list[Import]:
    """List imports, newest first."""
    actor.require(Permission.CONTACTS_IMPORT)
    rows = await tx.fetch(SQL["list_imports"], tx.workspace_id, before, limit)
    return [store.import_of(row) for row in rows]


async def list_import_rows(
    tx: WorkspaceTx, actor: Actor, import_id: UUID, *, after: int, limit: int, outcomes: Sequence[Outcome] = OUTCOMES
) -> list[Reject]:
    """List the rows an import kept, by their number in the file: rejected ones with reasons, and known contacts."""
    actor.require(Permission.CONTACTS_IMPORT)
    await _require(tx, import_id)
    return await store.list_rows(tx, import_id, after=after, outcomes=outcomes, limit=limit)


async def start_import(
    tx: WorkspaceTx, actor: Actor, runtime: Runtime, import_id: UUID, options: ImportOptions, *, dry_run: bool
) -> Import:
    """Queue an import, or a dry run that writes no contacts.

    Raises:
        ImportStateConflict: it runs or ran already.
        StorageFull: the disk is nearly full.
        ImportFilesRemoved: it was left alone for so long that its file is gone.
        ColumnMapUnclear, InvalidMapping: the mapping names what is not there, or no column holds numbers.
        CategoryNotFound, GroupNotFound: a target does not exist.

    """
    actor.require(Permission.CONTACTS_IMPORT)
    job = await _require(tx, import_id, lock=True)
    # A failed run may have stored rows already; only undoing it makes a clean start possible.
    if job.status not in _STARTABLE or (job.status == "failed" and not job.dry_run):
        raise ImportStateConflict(status=job.status)
    await require_files(tx, import_id)
    await require_space(tx)
    if not has_phone(mapping_of(job.file_format, options)):
        raise InvalidMapping
    if options.category_id is not None:
        await taxonomy.require_category(tx, options.category_id)
    for group_id in options.group_ids:
        await taxonomy.require_group(tx, group_id)
    row = await tx.fetchrow(
        SQL["begin"], tx.workspace_id, import_id, "queued", dry_run, store.as_json(options), runtime.clock.now()
    )
    assert row is not None
    tx.defer(RunImport(workspace_id=tx.workspace_id, import_id=str(import_id)))
    return store.import_of(row)


async def cancel_import(tx: WorkspaceTx, actor: Actor, import_id: UUID, *, rollback: bool) -> Import:
    """Stop an import after the chunk being stored, and keep or take back what is stored.

    Raises:
        ImportStateConflict: it does not run.

    """
    actor.require(Permission.CONTACTS_IMPORT)
    job = await _require(tx, import_id, lock=True)
    if job.status not in {"queued", "checking", "running"}:
        raise ImportStateConflict(status=job.status)
    # The runner may be dead or not begun; this one ends the import in that case.
    tx.defer(RunImport(workspace_id=tx.workspace_id, import_id=str(import_id)))
    return await store.set_status(tx, import_id, "cancelling", rollback=rollback)


async def undo_import(tx: WorkspaceTx, actor: Actor, runtime: Runtime, import_id: UUID) -> Import:
    """Take back what an import did, within seven days.

    Raises:
        ImportStateConflict: it has nothing to take back or still runs.
        UndoExpired: the seven days are over.

    """
    actor.require(Permission.CONTACTS_IMPORT)
    actor.require(Permission.CONTACTS_DELETE)
    job = await _require(tx, import_id, lock=True)
    if job.status not in _UNDOABLE or job.dry_run or job.undo_until is None:
        raise ImportStateConflict(status=job.status)
    if runtime.clock.now() > job.undo_until:
        raise UndoExpired
    tx.defer(UndoImport(workspace_id=tx.workspace_id, import_id=str(import_id)))
    return await store.set_status(tx, import_id, "undoing")


async def require_files(tx: WorkspaceTx, import_id: UUID) -> None:
    """Refuse an import whose file and rows were removed after their time.

    Raises:
        ImportFilesRemoved: they were.

    """
    if await tx.fetchval(SQL["files_removed"], tx.workspace_id, import_id):
        raise ImportFilesRemoved


async def _require(tx: WorkspaceTx, import_id: UUID, *, lock: bool = False) -> Import:
    job = await store.get(tx, import_id, lock=lock)
    if job is None:
        raise ImportNotFound
    return job


__all__ = [
    "API_LIMIT_BYTES",
    "cancel_import",
    "file_of",
    "get_import",
    "list_import_rows",
    "list_imports",
    "require_files",
    "start_import",
    "undo_import",
    "upload",
]
