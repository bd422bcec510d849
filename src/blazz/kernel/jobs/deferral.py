"""Queues jobs in the transaction that wants them, through PgQueuer's own insert."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from blazz.kernel.jobs.job import Job


async def write_jobs(connection: Any, jobs: Sequence[Job]) -> None:  # noqa: ANN401 - asyncpg has no public type
    """Insert jobs; one whose dedupe key already waits is skipped."""
    # Late, so that a process answers requests a quarter of a second sooner; ``preload`` does it in the background.
    from pgqueuer.db import AsyncpgDriver
    from pgqueuer.queries import Queries

    await Queries(AsyncpgDriver(connection)).enqueue(
        [job.name for job in jobs],
        [job.encode() for job in jobs],
        [job.priority for job in jobs],
        [timedelta(seconds=job.delay_seconds) for job in jobs],
        [job.dedupe_key() for job in jobs],
        on_conflict="skip",
    )


def preload() -> None:
    """Import what ``write_jobs`` needs; blocking, so it belongs into a thread."""
    import pgqueuer.db
    import pgqueuer.queries  # noqa: F401 - for its effect
