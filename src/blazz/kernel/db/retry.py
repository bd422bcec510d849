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


def is_retryable(error: BaseException) -> bool:
    """Tell whether the transaction was rolled back for a passing reason (conflict, deadlock, lock timeout)."""
    return isinstance(error, _RETRYABLE)


def is_database_away(error: BaseException) -> bool:
    """Tell whether the error means that the database cannot be reached right now."""
    return isinstance(error, _AWAY)


async def retry_transaction(run: Callable[[], Awaitable[T]], *, attempts: int = 5) -> T:
    """Run a transaction, again with jitter while it fails for a passing reason (reliability rule C-27)."""
    for attempt in range(1, attempts + 1):
        try:
            return await run()
        except _RETRYABLE:
            if attempt == attempts:
                raise
            # Full jitter: two transactions that collided must not collide again in step.
            await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - not a secret
    raise AssertionError("unreachable")
