"""Drops whole months of data that nobody may ask for any more; a month is dropped in one piece, never row by row."""

from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

from blazz.migrations.partitions import month_start, partition_name

_LIST = """
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = $1::regclass ORDER BY relname
"""
# Only tables whose rows are news and not records; everything else is kept until a person decides.
_EXPIRING: Final = ("events",)


async def drop_expired_months(connection: Any, now: datetime, keep_days: int) -> list[str]:  # noqa: ANN401 - asyncpg has no public type
    """Drop the monthly partitions of events that ended more than ``keep_days`` days ago; return their names.

    Runs as the owner, outside a transaction. A partition that is in use stays until the next run.
    """
    limit = now - timedelta(days=keep_days)
    newest_dropped = month_start(limit.year, limit.month - 1) if limit.month > 1 else month_start(limit.year - 1, 12)
    dropped = []
    for table in _EXPIRING:
        last = partition_name(table, newest_dropped)
        for row in await connection.fetch(_LIST, table):
            # Names carry year and month in fixed width, so they sort by time.
            if row["relname"] > last:
                break
            try:
                async with connection.transaction():
                    await connection.execute("SET LOCAL lock_timeout = '250ms'")
                    await connection.execute(f"DROP TABLE {row['relname']}")
            except asyncpg.LockNotAvailableError:
                break
            dropped.append(row["relname"])
    return dropped
