"""Removes uploads and kept rows of imports a week after nobody can undo them any more."""

import asyncio
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import structlog

from blazz.domains.contacts.events import ImportCleaned
from blazz.domains.contacts.imports.store import SQL
from blazz.kernel.runtime import Runtime

# Counted from the end of the undo window, or from the last thing that happened to an import that never ran.
KEEP: Final = timedelta(days=7)
_UNDO_PERIOD: Final = timedelta(days=7)
_BATCH: Final = 100
_ROWS: Final = 5_000
_log = structlog.get_logger()


async def clean_imports(runtime: Runtime) -> int:
    """Remove what expired in all workspaces, and files that no import knows; return how many imports were cleaned.

    Safe to run in several processes at once and to kill at any moment: the mark is set last.
    """
    now = runtime.clock.now()
    cleaned = 0
    while True:
        async with runtime.database.system() as tx:
            rows = await tx.fetch(SQL["expired_imports"], now - KEEP, now - KEEP - _UNDO_PERIOD, _BATCH)
        for row in rows:
            await _clean(runtime, row["workspace_id"], row["id"], row["storage_key"], now)
        cleaned += len(rows)
        if len(rows) < _BATCH:
            break
    await _sweep(runtime)
    return cleaned


async def _clean(runtime: Runtime, workspace_id: int, import_id: UUID, storage_key: str, now: datetime) -> None:
    path = runtime.storage_dir / "imports" / storage_key
    await asyncio.to_thread(path.unlink, missing_ok=True)
    gone = _ROWS
    while gone == _ROWS:
        async with runtime.database.workspace(workspace_id) as tx:
            gone = len(await tx.fetch(SQL["forget_some_rows"], workspace_id, import_id, _ROWS))
    async with runtime.database.workspace(workspace_id) as tx:
        await tx.execute(SQL["forget_keys"], workspace_id, import_id)
        await tx.execute(SQL["mark_files_removed"], workspace_id, import_id, now)
        tx.publish(ImportCleaned(workspace_id=workspace_id, import_id=import_id))


async def _sweep(runtime: Runtime) -> None:
    """Remove files a killed upload left behind: old, and unknown to the database."""
    folder = runtime.storage_dir / "imports"
    old = await asyncio.to_thread(_old_files, folder, time.time() - (KEEP + _UNDO_PERIOD).total_seconds())
    for start in range(0, len(old), _BATCH):
        part = old[start : start + _BATCH]
        async with runtime.database.system() as tx:
            known = {row["storage_key"] for row in await tx.fetch(SQL["known_files"], [path.name for path in part])}
        for path in part:
            if path.name not in known:
                await asyncio.to_thread(path.unlink, missing_ok=True)
                _log.info("a leftover upload was removed", file=path.name)


def _old_files(folder: Path, before: float) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before]
