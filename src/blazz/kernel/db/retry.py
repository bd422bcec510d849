"""Runs a whole transaction again when the database says that trying again is right."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

T = TypeVar("T")

_RETRYABLE = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
)
_AWAY = (
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    ConnectionError,
    OSError,
    TimeoutError,
)


def is_missing_partition(error: BaseException) -> bool:
    """Tell whether a row found no partition; a check that somebody declared has a name, this one has none."""
    return isinstance(error, asyncpg.CheckViolationError) and not error.constraint_name


def is_retryable(error: BaseException) -> bool:
    """Tell whether the transaction was rolled back for a passing reason.

    A conflict, a deadlock, a lock timeout, or a partition that was missing and has been made meanwhile.
    """
    return isinstance(error, _RETRYABLE) or is_missing_partition(error)


def is_database_away(error: BaseException) -> bool:
    """Tell whether the error means that the database cannot be reached right now."""
    return isinstance(error, _AWAY)


async def retry_transaction(run: Callable[[], Awaitable[T]], *, attempts: int = 5) -> T:
    """Run a transaction, again with jitter while it fails for a passing reason (reliability rule C-27)."""
    for attempt in range(1, attempts + 1):
        try:
            return await run()
        except asyncpg.PostgresError as error:
            if attempt == attempts or not is_retryable(error):
                raise
            # Full jitter: two transactions that collided must not collide again in step.
            await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - not a secret
    raise AssertionError("unreachable")
