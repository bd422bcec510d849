"""What a process knows of months with partitions: looked at once, looked at again near the end, repaired by one for all."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from blazz.kernel import ids
from blazz.kernel.db import is_retryable, retry_transaction
from blazz.kernel.db.months import Months

START = datetime(2026, 11, 21, 9, tzinfo=UTC)


class Maker:
    """Remembers for which instants partitions were wanted; may fail."""

    def __init__(self) -> None:
        self.asked: list[datetime] = []
        self.failures = 0

    async def __call__(self, at: datetime) -> None:
        self.asked.append(at)
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise ConnectionRefusedError


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The instant that ids are made for, in a list of one."""
    at = [START]
    monkeypatch.setattr(ids, "now_millis", lambda: int(at[0].timestamp() * 1000))
    return at


async def test_a_month_is_looked_at_once_however_many_ask_together(clock: list[datetime]) -> None:
    maker = Maker()
    months = Months(maker)
    await asyncio.gather(*(months.be_ready() for _ in range(20)))
    await months.be_ready()
    assert maker.asked == [clock[0] + timedelta(hours=1)]


@pytest.mark.parametrize(
    ("at", "looks"),
    [
        (datetime(2026, 12, 1, tzinfo=UTC), 1),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), 1),
        (datetime(2026, 12, 31, 23, 1, tzinfo=UTC), 2),
        (datetime(2027, 3, 1, tzinfo=UTC), 2),
        (datetime(2026, 9, 30, tzinfo=UTC), 2),
    ],
)
async def test_the_next_look_comes_an_hour_before_ids_leave_the_known_months(
    clock: list[datetime], at: datetime, looks: int
) -> None:
    maker = Maker()
    months = Months(maker)
    await months.be_ready()
    clock[0] = at
    await months.be_ready()
    assert len(maker.asked) == looks


async def test_transactions_that_failed_together_are_repaired_by_one_look(clock: list[datetime]) -> None:
    assert clock
    maker = Maker()
    months = Months(maker)
    await months.be_ready()
    await asyncio.gather(*(months.repair() for _ in range(8)))
    assert len(maker.asked) == 2
    await months.repair()
    assert len(maker.asked) == 3


async def test_a_look_that_fails_stops_nobody_and_is_made_again_later(clock: list[datetime]) -> None:
    maker = Maker()
    maker.failures = 1
    months = Months(maker)
    await months.be_ready()
    await months.be_ready()
    assert len(maker.asked) == 1
    clock[0] += timedelta(seconds=31)
    await months.be_ready()
    await months.be_ready()
    assert len(maker.asked) == 2


async def test_without_a_maker_partitions_are_trusted_to_exist() -> None:
    months = Months(None)
    await months.be_ready()
    await months.repair()


def check_violation(constraint: str | None) -> asyncpg.CheckViolationError:
    error = asyncpg.CheckViolationError("refused")
    error.constraint_name = constraint
    return error


async def test_a_missing_partition_is_tried_again_and_a_declared_check_is_not() -> None:
    runs = 0

    async def run(error: Exception) -> int:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise error
        return runs

    assert await retry_transaction(lambda: run(check_violation(None))) == 2
    runs = 0
    declared = check_violation("numbers_status_check")
    with pytest.raises(asyncpg.CheckViolationError):
        await retry_transaction(lambda: run(declared))
    assert not is_retryable(declared)
