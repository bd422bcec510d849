"""Reads and writes imports and their rows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from blazz.domains.contacts.imports.types import Import, ImportOptions, Outcome, Reject
from blazz.kernel.db import WorkspaceTx, load_queries
from blazz.kernel.tabular import TabularFormat

SQL = load_queries(__package__)
_PLAIN = (
    "id",
    "file_name",
    "file_bytes",
    "storage_key",
    "status",
    "dry_run",
    "checkpoint",
    "checkpoint_offset",
    "rollback",
    "problem",
    "created_by",
    "created_at",
    "started_at",
    "finished_at",
    "undo_until",
)


def import_of(row: asyncpg.Record) -> Import:
    """Build an import from a row of its table."""
    values = {name: row[name] for name in _PLAIN}
    return Import(
        options=msgspec.json.decode(row["options"], type=ImportOptions),
        file_format=msgspec.json.decode(row["file_format"], type=TabularFormat),
        counts=msgspec.json.decode(row["counts"], type=dict[str, int]),
        **values,
    )


def as_json(value: object) -> str:
    """Write a value for a jsonb column."""
    return msgspec.json.encode(value).decode()


async def get(tx: WorkspaceTx, import_id: UUID, *, lock: bool = False) -> Import | None:
    """Read an import."""
    row = await tx.fetchrow(SQL["lock_import" if lock else "get_import"], tx.workspace_id, import_id)
    return import_of(row) if row else None


async def set_status(tx: WorkspaceTx, import_id: UUID, status: str, *, rollback: bool = False) -> Import:
    """Move an import to another state."""
    row = await tx.fetchrow(SQL["set_status"], tx.workspace_id, import_id, status, rollback)
    assert row is not None
    return import_of(row)


async def finish(
    tx: WorkspaceTx,
    import_id: UUID,
    status: str,
    at: datetime,
    *,
    undo_until: datetime | None = None,
    problem: str | None = None,
) -> Import:
    """Move an import to a state it stays in."""
    row = await tx.fetchrow(SQL["finish"], tx.workspace_id, import_id, status, at, undo_until, problem)
    assert row is not None
    return import_of(row)


async def insert_rejects(tx: WorkspaceTx, import_id: UUID, rejects: Sequence[Reject]) -> None:
    """Keep rows that were not stored, with the user's own cells."""
    if not rejects:
        return
    empty = [None] * len(rejects)
    await tx.execute(
        SQL["insert_rows"],
        tx.workspace_id,
        import_id,
        [row.row_number for row in rejects],
        [row.outcome for row in rejects],
        [row.code for row in rejects],
        [as_json(row.cells) for row in rejects],
        empty,
        empty,
    )


async def list_rows(
    tx: WorkspaceTx, import_id: UUID, *, after: int, outcomes: Sequence[Outcome], limit: int
) -> list[Reject]:
    """List rows by their number in the file."""
    rows = await tx.fetch(SQL["list_rows"], tx.workspace_id, import_id, after, outcomes, limit)
    return [
        Reject(
            row_number=row["row_number"],
            outcome=row["outcome"],
            code=row["code"] or "",
            cells=tuple(msgspec.json.decode(row["cells"] or "[]", type=list[str])),
        )
        for row in rows
    ]
