"""Queues jobs in the transaction that wants them, through PgQueuer's own insert."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

from blazz.kernel.jobs.job import Job


async def write_jobs(connection: Any, jobs: Sequence[Job]) -> None:  # noqa: ANN401 - asyncpg has no public type
    """Insert jobs; one whose dedupe key already waits is skipped."""
    await Queries(AsyncpgDriver(connection)).enqueue(
        [job.name for job in jobs],
        [job.encode() for job in jobs],
        [job.priority for job in jobs],
        [timedelta(seconds=job.delay_seconds) for job in jobs],
        [job.dedupe_key() for job in jobs],
        on_conflict="skip",
    )
