"""Measures how far this machine's clock is off against the database's, and corrects what it calls the present."""

import structlog

from blazz.kernel.clock import correct_clock, wall_seconds
from blazz.kernel.db import Database

_log = structlog.get_logger()
_NOW = "SELECT extract(epoch FROM clock_timestamp())::double precision"
_WORTH_TELLING_SECONDS = 1.0
SYNC_SECONDS = 10.0


async def follow_database_clock(database: Database) -> int:
    """Measure once and correct; 0, so that it can be a turn of a worker's loop. Wrong by at most half a round trip."""
    async with database.system() as tx:
        before = wall_seconds()
        there: float = await tx.fetchval(_NOW)
        after = wall_seconds()
    change = correct_clock(there - (before + after) / 2)
    if abs(change) > _WORTH_TELLING_SECONDS:
        _log.warning("this machine's clock and the database's moved apart", seconds=round(change, 3))
    return 0
