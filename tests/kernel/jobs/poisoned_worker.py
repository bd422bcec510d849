"""A worker process for tests: good jobs, and jobs that kill it, raise, or hang."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from blazz.kernel.clock import SystemClock
from blazz.kernel.config import load_settings
from blazz.kernel.db import Database, DatabaseUrls, PoolSizes
from blazz.kernel.jobs import Job
from blazz.kernel.runtime import Runtime
from blazz.kernel.security import Envelope
from blazz.main import worker
from blazz.main.wiring import Providers


class _Short(Job, frozen=True, kw_only=True):
    timeout_seconds: ClassVar[float] = 0.5
    attempts: ClassVar[int] = 2
    retry_delay: ClassVar[timedelta] = timedelta(milliseconds=10)
    number: int


class Good(_Short, frozen=True, kw_only=True):
    """Does its work and notes it."""

    name: ClassVar[str] = "test.good"


class Kills(_Short, frozen=True, kw_only=True):
    """Takes its worker down."""

    name: ClassVar[str] = "test.kills"


class Raises(_Short, frozen=True, kw_only=True):
    """Fails every time."""

    name: ClassVar[str] = "test.raises"


class Hangs(_Short, frozen=True, kw_only=True):
    """Never ends."""

    name: ClassVar[str] = "test.hangs"


async def good(runtime: Runtime, job: Good) -> None:
    """Note the job as done, so that doing it twice would show."""
    async with runtime.database.workspace(job.workspace_id) as tx:
        await tx.execute(
            "INSERT INTO idempotency_keys (workspace_id, key, fingerprint) VALUES ($1, $2, '')"
            " ON CONFLICT (workspace_id, key) DO NOTHING",
            job.workspace_id,
            f"good-{job.number}",
        )


async def kills(_runtime: Runtime, job: Kills) -> None:
    """Die as a crash in a library would."""
    _note(f"{job.number}\n")
    os._exit(9)


def _note(line: str) -> None:
    with Path(sys.argv[4]).open("a", encoding="utf-8") as file:
        file.write(line)


async def raises(_runtime: Runtime, job: Raises) -> None:
    """Fail with a traceback."""
    raise RuntimeError(f"poison {job.number}")


async def hangs(_runtime: Runtime, _job: Hangs) -> None:
    """Wait for ever."""
    await asyncio.Event().wait()


async def main() -> None:
    """Run the job queue alone until killed."""
    app, system, home = sys.argv[1:4]
    database = await Database(
        DatabaseUrls(app=app, system=system, owner=system, queue=system), PoolSizes(app=4, system=4)
    ).open()
    settings = load_settings({}, home=Path(home), secret_key="a test secret that is long enough to pass")
    runtime = Runtime(settings=settings, database=database, clock=SystemClock(), envelope=Envelope(settings.key))
    worker.HEARTBEAT = timedelta(seconds=1)
    worker.job_handlers = lambda _providers: {Good: good, Kills: kills, Raises: raises, Hangs: hangs}  # type: ignore[assignment, attr-defined]
    await worker.Worker(runtime, Providers(settings))._run_jobs()


if __name__ == "__main__":
    asyncio.run(main())
