"""Has the partitions of a month made before its first row is written, and again should one be missing all the same.

The maintainer makes partitions months ahead. Where it did not run, the first transaction near a new month waits here
once while they are made (failure F-14); all others compare two numbers.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog

from blazz.kernel import ids
from blazz.kernel.db.retry import retry_transaction

_log = structlog.get_logger()
# Longer than any transaction may last and than clocks differ: ids made inside it stay within the months looked at.
_HORIZON = timedelta(hours=1)
_PATIENCE_MILLIS = 30_000

# Makes every partition from the month before the given instant to the month after it.
MakePartitions = Callable[[datetime], Awaitable[object]]


class Months:
    """The span of ids that is known to have partitions, as this process knows it."""

    def __init__(self, make: MakePartitions | None) -> None:
        """Use ``make`` to look and to make what is missing; None trusts that all partitions exist."""
        self._make = make
        self._lock = asyncio.Lock()
        self._since = self._until = 0
        self._silent_until = 0
        self._looks = 0

    async def be_ready(self) -> None:
        """Return once ids made from now on have partitions; a failure to look is logged, and tried again later."""
        if self._make is None or self._is_known():
            return
        async with self._lock:
            if not self._is_known() and ids.now_millis() >= self._silent_until:
                await self._look(self._make)

    async def repair(self) -> None:
        """Forget what was known and look again: a row has just found no partition."""
        if self._make is None:
            return
        looks = self._looks
        async with self._lock:
            # Of many transactions that failed together, the first one makes the partitions for all.
            if self._looks == looks:
                self._since = self._until = 0
                await self._look(self._make)

    def _is_known(self) -> bool:
        now = ids.now_millis()
        return self._since <= now and now + _HORIZON // timedelta(milliseconds=1) < self._until

    async def _look(self, make: MakePartitions) -> None:
        now = ids.now_millis()
        at = datetime.fromtimestamp(now / 1000, UTC) + _HORIZON
        try:
            await retry_transaction(lambda: make(at))
        except Exception as error:  # noqa: BLE001 - whatever it was, the partitions may well exist; the insert will tell
            self._silent_until = now + _PATIENCE_MILLIS
            _log.error("partitions could not be looked after", problem=repr(error))
            return
        finally:
            self._looks += 1
        self._since, self._until = _millis(_month(at, -1)), _millis(_month(at, 2))


def _month(at: datetime, offset: int) -> datetime:
    month = at.year * 12 + at.month - 1 + offset
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
