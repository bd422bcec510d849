"""How much room is left for data, and what may still be written when it runs out.

Each worker measures its own machine and writes the level down; everybody reads the worst of the levels. Below the pause
threshold bulk work waits (campaigns are not fed, imports do not start) and goes on by itself when there is clearly more
room again. Messages of agents and of the API, and webhooks, are never held back.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

import asyncpg

from blazz.kernel.config import Settings
from blazz.kernel.db import SystemTx
from blazz.kernel.errors import DependencyFailed, Message
from blazz.kernel.metrics import DATABASE_BYTES, STORAGE_FREE_BYTES, STORAGE_LEVEL

_MEGABYTE: Final = 1024 * 1024
# A level is left only when there is that much more room than it took to enter it.
_RETURN_AT: Final = 1.25


class SpaceLevel(IntEnum):
    """Plenty, little, or too little for bulk work."""

    OK = 0
    LOW = 1
    FULL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUsage:
    """Bytes of the smallest disk that holds data."""

    free_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceState:
    """The worst that any worker found lately; ``database_bytes`` is None where it could not be read."""

    level: SpaceLevel
    free_bytes: int | None = None
    total_bytes: int | None = None
    database_bytes: int | None = None

    @property
    def is_full(self) -> bool:
        """Tell whether bulk work waits."""
        return self.level is SpaceLevel.FULL


MeasureDisk = Callable[[], DiskUsage]
"""Measures the disk under the data of this process; blocking, so it runs in a thread."""


class StorageFull(DependencyFailed):
    """There is too little room on the disk, or too little left of the database's allowance."""

    code = "storage_full"
    message = Message(
        en="The disk of this installation is nearly full. Free some space; this can be done again afterwards.",
        id="Penyimpanan instalasi ini hampir penuh. Kosongkan ruang dahulu; setelah itu tindakan ini bisa diulang.",
    )


class _CanFetch(Protocol):
    async def fetchrow(self, query: str, *args: object) -> asyncpg.Record | None:
        """Run a statement and return its first row, or None."""
        ...


def next_level(before: SpaceLevel, room_bytes: int, settings: Settings) -> SpaceLevel:
    """Return the level for the room that is left, not leaving the one before until there is clearly more room."""
    pause, warn = settings.disk_pause_mb * _MEGABYTE, settings.disk_warn_mb * _MEGABYTE
    if room_bytes < pause * (_RETURN_AT if before is SpaceLevel.FULL else 1):
        return SpaceLevel.FULL
    if room_bytes < warn * (_RETURN_AT if before is not SpaceLevel.OK else 1):
        return SpaceLevel.LOW
    return SpaceLevel.OK


async def note_space(tx: SystemTx, usage: DiskUsage, settings: Settings) -> tuple[SpaceLevel, SpaceLevel]:
    """Write down what this machine has left; return the level before and the level now."""
    host = socket.gethostname()
    row = await tx.fetchrow("SELECT level FROM storage_levels WHERE host = $1", host)
    before = SpaceLevel(row["level"]) if row else SpaceLevel.OK
    database_bytes: int = await tx.fetchval("SELECT pg_database_size(current_database())")
    room = usage.free_bytes
    if settings.database_limit_mb:
        room = min(room, settings.database_limit_mb * _MEGABYTE - database_bytes)
    now = next_level(before, room, settings)
    await tx.execute(_NOTE, host, int(now), usage.free_bytes, usage.total_bytes, database_bytes)
    return before, now


async def read_space(tx: _CanFetch) -> SpaceState:
    """Read the worst level that was measured within the last two minutes; plenty when nobody measured."""
    row = await tx.fetchrow(_WORST)
    if row is None:
        return SpaceState(level=SpaceLevel.OK)
    return SpaceState(
        level=SpaceLevel(row["level"]),
        free_bytes=row["free_bytes"],
        total_bytes=row["total_bytes"],
        database_bytes=row["database_bytes"],
    )


async def require_space(tx: _CanFetch) -> None:
    """Refuse bulk work while there is too little room.

    Raises:
        StorageFull: there is; it can be tried again later.

    """
    if (await read_space(tx)).is_full:
        raise StorageFull(retry_after_seconds=60)


def show_space(state: SpaceState) -> str:
    """Put a state into the metrics and return it in words for the health page."""
    STORAGE_LEVEL.set(int(state.level))
    if state.free_bytes is not None:
        STORAGE_FREE_BYTES.set(state.free_bytes)
    if state.database_bytes is not None:
        DATABASE_BYTES.set(state.database_bytes)
    if state.level is SpaceLevel.OK:
        return "ok"
    word = "full, bulk work waits" if state.is_full else "low"
    free, size = (state.free_bytes or 0) // _MEGABYTE, (state.database_bytes or 0) // _MEGABYTE
    return f"{word}: {free} MB free on the disk, the database has {size} MB"


_NOTE = """
INSERT INTO storage_levels AS known (host, level, free_bytes, total_bytes, database_bytes)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (host) DO UPDATE
   SET level = excluded.level, free_bytes = excluded.free_bytes, total_bytes = excluded.total_bytes,
       database_bytes = excluded.database_bytes, checked_at = now(),
       changed_at = CASE WHEN known.level = excluded.level THEN known.changed_at ELSE now() END
"""
_WORST = """
SELECT level, free_bytes, total_bytes, database_bytes FROM storage_levels
 WHERE checked_at > now() - interval '2 minutes'
 ORDER BY level DESC, free_bytes
 LIMIT 1
"""
