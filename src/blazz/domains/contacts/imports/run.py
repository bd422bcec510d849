"""Runs an import or a dry run: chunk after chunk, each in a transaction of its own that also moves the checkpoint.

The next chunk is read and cleaned in a thread while the database stores the one before. A killed run goes on after the
last stored chunk, because a chunk and its checkpoint commit together or not at all.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg

from blazz.domains.contacts.events import ImportFinished, ImportProgressed
from blazz.domains.contacts.imports import store
from blazz.domains.contacts.imports.chunks import check_chunk, store_chunk
from blazz.domains.contacts.imports.jobs_types import IndexImport, UndoImport
from blazz.domains.contacts.imports.rows import CHUNK_ROWS, read_chunks
from blazz.domains.contacts.imports.store import SQL
from blazz.domains.contacts.imports.types import OUTCOMES, Chunk, Import
from blazz.domains.contacts.service import region_of
from blazz.kernel.db import WorkspaceTx, retry_transaction
from blazz.kernel.errors import AppError
from blazz.kernel.runtime import Runtime
from blazz.kernel.space import StorageFull, require_space
from blazz.kernel.tabular import Checkpoint

UNDO_PERIOD: Final = timedelta(days=7)
_TRIES: Final = 5
SPACE_PAUSE_SECONDS: Final = 2.0
BetweenChunks = Callable[[], None]


def file_of(runtime: Runtime, job: Import) -> Path:
    """Where an uploaded file lies."""
    return runtime.storage_dir / "imports" / job.storage_key


async def run(
    runtime: Runtime,
    workspace_id: int,
    import_id: UUID,
    *,
    chunk_rows: int = CHUNK_ROWS,
    between: BetweenChunks = lambda: None,
) -> None:
    """Run what waits to be run, or go on where a killed run stopped; does nothing in any other state."""
    async with runtime.database.workspace(workspace_id) as tx:
        job = await _begin(tx, import_id)
        region = await region_of(tx)
    if job is None:
        return
    after = Checkpoint(number=job.checkpoint, offset=job.checkpoint_offset) if job.checkpoint else None
    try:
        chunks = read_chunks(file_of(runtime, job), job.file_format, job.options, region, after, chunk_rows)
        upcoming = asyncio.ensure_future(_next(chunks))
        whole = True
        try:
            while (chunk := await upcoming) is not None:
                upcoming = asyncio.ensure_future(_next(chunks))
                stored = await _store(runtime, workspace_id, job, chunk)
                if stored is None:
                    whole = False
                    break
                job = stored
                between()
        finally:
            # The reading thread must be done before anybody else touches the file.
            await asyncio.gather(upcoming, return_exceptions=True)
        async with runtime.database.workspace(workspace_id) as tx:
            await _end(tx, runtime, import_id, whole=whole)
    except (AppError, _FileTrouble, asyncpg.ForeignKeyViolationError) as error:
        await _fail(runtime, workspace_id, import_id, error)


class _FileTrouble(Exception):
    """The file went away or cannot be read; an absent database raises the same built-in errors and must not count."""


async def _next(chunks: Iterator[Chunk]) -> Chunk | None:
    try:
        return await asyncio.to_thread(next, chunks, None)
    except OSError as error:
        raise _FileTrouble from error


async def _begin(tx: WorkspaceTx, import_id: UUID) -> Import | None:
    job = await store.get(tx, import_id, lock=True)
    if job is not None and job.status == "queued":
        await tx.execute(SQL["forget_rows"], tx.workspace_id, import_id)
        await tx.execute(SQL["forget_keys"], tx.workspace_id, import_id)
        return await store.set_status(tx, import_id, "checking" if job.dry_run else "running")
    return job if job is not None and job.status in {"checking", "running", "cancelling"} else None


async def _store(runtime: Runtime, workspace_id: int, expected: Import, chunk: Chunk) -> Import | None:
    """Store a chunk; None when the import was cancelled, or when another run has already stored this chunk.

    While the disk is nearly full the import waits here; it goes on by itself, and cancelling it ends the wait.
    """
    collisions = 0
    while True:
        try:
            return await retry_transaction(lambda: _store_once(runtime, workspace_id, expected, chunk))
        except StorageFull:
            await asyncio.sleep(SPACE_PAUSE_SECONDS)
        except asyncpg.UniqueViolationError:
            # Somebody made one of these contacts, categories or groups meanwhile; the next look finds it.
            collisions += 1
            if collisions == _TRIES:
                raise


async def _store_once(runtime: Runtime, workspace_id: int, expected: Import, chunk: Chunk) -> Import | None:
    async with runtime.database.workspace(workspace_id) as tx:
        job = await store.get(tx, expected.id, lock=True)
        if job is None or job.status not in {"checking", "running"} or job.checkpoint != expected.checkpoint:
            return None
        await tx.keep_plans()
        await require_space(tx)
        counted = await (check_chunk if job.dry_run else store_chunk)(tx, job, chunk)
        counts: dict[str, int] = {name: job.counts.get(name, 0) + counted[name] for name in OUTCOMES}
        counts["rows"] = job.counts.get("rows", 0) + chunk.rows
        await tx.execute(
            SQL["save_progress"],
            tx.workspace_id,
            job.id,
            chunk.number,
            chunk.offset,
            store.as_json(counts),
            job.status,
        )
        tx.publish(_progress(workspace_id, job, counts))
        return await store.get(tx, job.id)


def _progress(workspace_id: int, job: Import, counts: dict[str, int]) -> ImportProgressed:
    return ImportProgressed(
        workspace_id=workspace_id,
        import_id=job.id,
        status=job.status,
        rows=counts["rows"],
        created=counts["created"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
        duplicate=counts["duplicate"],
        invalid=counts["invalid"],
    )


async def _end(tx: WorkspaceTx, runtime: Runtime, import_id: UUID, *, whole: bool) -> None:
    """End an import that was read to its end or cancelled; one that another run has taken over goes on there."""
    job = await store.get(tx, import_id, lock=True)
    if job is None or job.status not in {"checking", "running", "cancelling"}:
        return
    if not whole and job.status != "cancelling":
        return
    now = runtime.clock.now()
    await tx.execute(SQL["forget_keys"], tx.workspace_id, import_id)
    if job.status == "cancelling" and job.rollback and not job.dry_run:
        await store.set_status(tx, import_id, "undoing", rollback=True)
        tx.defer(UndoImport(workspace_id=tx.workspace_id, import_id=str(import_id)))
        return
    status = {"checking": "checked", "running": "completed", "cancelling": "cancelled"}[job.status]
    await store.finish(tx, import_id, status, now, undo_until=None if job.dry_run else now + UNDO_PERIOD)
    if not job.dry_run:
        tx.defer(IndexImport(workspace_id=tx.workspace_id, import_id=str(import_id)))
    tx.publish(ImportFinished(workspace_id=tx.workspace_id, import_id=import_id, status=status))


async def _fail(runtime: Runtime, workspace_id: int, import_id: UUID, error: Exception) -> None:
    """End an import whose file went away or became unreadable, or whose group or category was deleted meanwhile."""
    if isinstance(error, AppError):
        problem = error.code
    else:
        problem = "file_missing" if isinstance(error, _FileTrouble) else "target_deleted"
    async with runtime.database.workspace(workspace_id) as tx:
        job = await store.get(tx, import_id, lock=True)
        if job is None or job.status not in {"checking", "running", "cancelling"}:
            return
        now = runtime.clock.now()
        undo_until = None if job.dry_run else now + UNDO_PERIOD
        await store.finish(tx, import_id, "failed", now, undo_until=undo_until, problem=problem)
        tx.defer(IndexImport(workspace_id=workspace_id, import_id=str(import_id)))
        tx.publish(ImportFinished(workspace_id=workspace_id, import_id=import_id, status="failed"))
