"""Monthly partitions on UUIDv7 bounds: made ahead, attached without blocking, never a default one."""

from datetime import UTC, datetime
from typing import Any

from blazz.kernel.ids import first_uuid7
from blazz.migrations.manifest import HASH_PARTITIONS, TABLES

MONTHS_AHEAD = 3


def month_start(year: int, month: int) -> datetime:
    """Return the first instant of a month in UTC; months past December roll over."""
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)


def partition_name(table: str, at: datetime) -> str:
    """Name the partition of ``table`` that holds an instant: ``messages_2026_11``."""
    return f"{table}_{at.year:04d}_{at.month:02d}"


async def ensure_partitions(
    connection: Any,  # noqa: ANN401 - asyncpg has no public type
    now: datetime,
    *,
    months_behind: int = 0,
    ahead: int = MONTHS_AHEAD,
) -> list[str]:
    """Make every missing partition from ``months_behind`` to ``ahead`` months around ``now``; return the new names.

    A partition is created beside its parent and then attached (rule P-07), with a check that spares the scan (P-09).
    Runs as the owner, outside a transaction; safe to run at any time and in several processes at once.
    """
    made = []
    for table in TABLES:
        if table.partition == "month":
            for offset in range(-months_behind, ahead + 1):
                start = month_start(now.year, now.month + offset)
                name = await _ensure_month(connection, table.name, start)
                made += [name] if name else []
        elif table.partition == "hash":
            for index in range(HASH_PARTITIONS):
                name = f"{table.name}_{index:02d}"
                await connection.execute(
                    f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table.name} "
                    f"FOR VALUES WITH (MODULUS {HASH_PARTITIONS}, REMAINDER {index})"
                )
    return made


async def _ensure_month(connection: Any, table: str, start: datetime) -> str | None:  # noqa: ANN401 - see above
    name = partition_name(table, start)
    end = month_start(start.year, start.month + 1)
    low, high = first_uuid7(start), first_uuid7(end)
    key = "campaign_id" if table == "campaign_recipients" else "id"
    if await connection.fetchval("SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass($1)", name):
        return None
    storage = " WITH (fillfactor = 85)" if table == "messages" else ""
    async with connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = '250ms'")
        # One maker at a time: a second process waits here and then finds the partition attached.
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"partition {name}")
        if await connection.fetchval("SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass($1)", name):
            return None
        await connection.execute(
            f"CREATE TABLE IF NOT EXISTS {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS){storage}"
        )
        await connection.execute(
            f"ALTER TABLE {name} ADD CONSTRAINT {name}_bounds CHECK ({key} >= '{low}' AND {key} < '{high}')"
        )
        await connection.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{low}') TO ('{high}')")
        await connection.execute(f"ALTER TABLE {name} DROP CONSTRAINT {name}_bounds")
    return name


async def months_ahead(connection: Any, now: datetime) -> int:  # noqa: ANN401 - asyncpg has no public type
    """Count the months after this one for which every monthly table has its partition."""
    ready = 0
    names = [table.name for table in TABLES if table.partition == "month"]
    while ready < 24:
        start = month_start(now.year, now.month + ready + 1)
        wanted = [partition_name(name, start) for name in names]
        found = await connection.fetchval(
            "SELECT count(*) FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE relname = ANY($1::text[])",
            wanted,
        )
        if found < len(wanted):
            break
        ready += 1
    return ready
