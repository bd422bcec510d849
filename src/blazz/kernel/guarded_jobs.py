"""Runs jobs so that a bad one harms nobody: counted before it begins, alone when suspected, parked in the end.

A job that was running when its worker died is suspect, and so are its innocent neighbours: each suspect runs alone the
next time, so that only the guilty one is there when the worker dies again.
"""

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

import structlog

from blazz.kernel.db import Database, SystemTx
from blazz.kernel.db.retry import is_database_away
from blazz.kernel.ids import new_uuid7
from blazz.kernel.jobs import Job

_log = structlog.get_logger()
_LONGEST_DETAIL = 20_000
_STARTS = "SELECT starts FROM job_starts WHERE job_id = $1 AND NOT handed_on"
_START = """
INSERT INTO job_starts (job_id, name) VALUES ($1, $2)
ON CONFLICT (job_id) DO UPDATE SET starts = job_starts.starts + 1, started_at = now()
RETURNING starts
"""
_END = """
DELETE FROM job_starts WHERE (job_id = $1 AND NOT handed_on) OR (handed_on AND started_at < now() - interval '1 day')
"""
_HAND_ON = "UPDATE job_starts SET handed_on = true WHERE job_id = $1"
_IS_OVER = """
SELECT EXISTS (SELECT 1 FROM parked_jobs WHERE job_id = $1)
    OR EXISTS (SELECT 1 FROM job_starts WHERE job_id = $1 AND handed_on)
"""
_PARK = """
INSERT INTO parked_jobs (id, job_id, name, payload, reason, detail) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (job_id) DO NOTHING
"""
_LIST = "SELECT id, name, payload, reason, detail, parked_at FROM parked_jobs ORDER BY id DESC LIMIT $1"
_TAKE = "DELETE FROM parked_jobs WHERE id = $1 AND name = $2 RETURNING payload"


class JobEnd(StrEnum):
    """How one run of a job ended."""

    DONE = "done"
    RETRIED = "retried"
    PARKED = "parked"


@dataclass(slots=True)
class JobGuard:
    """One per worker process."""

    database: Database
    _running: int = 0
    _alone: bool = False
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def run(self, job_id: int, job: Job, work: Callable[[], Awaitable[None]]) -> JobEnd:
        """Run a job; when it fails, queue its next try or, after the last one, park it."""
        async with self.database.system() as tx:
            is_suspect = await tx.fetchval(_STARTS, job_id) is not None
        alone = is_suspect and job.most_deaths <= Job.most_deaths
        async with self._turn(alone=alone):
            # Counted only now: whoever merely waits for its turn while a worker dies is not to blame.
            if not await self._begin(job_id, job):
                return JobEnd.PARKED
            return await self._work(job_id, job, work)

    async def _begin(self, job_id: int, job: Job) -> bool:
        async with self.database.system() as tx:
            if await tx.fetchval(_IS_OVER, job_id):
                # The worker died after parking it or handing it on, and before the queue could note its end.
                return False
            starts: int = await tx.fetchval(_START, job_id, job.name)
            if starts <= job.most_deaths:
                return True
            await park(tx, job_id, job, "worker_died", f"{starts - 1} workers died while it ran")
            await tx.execute(_END, job_id)
        _log.error("a job is parked: it keeps killing its worker", job=job.name, deaths=starts - 1)
        return False

    async def _work(self, job_id: int, job: Job, work: Callable[[], Awaitable[None]]) -> JobEnd:
        try:
            await asyncio.wait_for(work(), job.timeout_seconds)
        except Exception:  # noqa: BLE001 - whatever it was, it is logged, and the job is tried again or parked with it
            attempt = job.attempt + 1
            is_last = attempt >= job.attempts
            _log.warning("a job failed", job=job.name, attempts=attempt, given_up=is_last, exc_info=True)
            async with self.database.system() as tx:
                if is_last:
                    await park(tx, job_id, job, "failed", traceback.format_exc()[-_LONGEST_DETAIL:])
                else:
                    tx.defer(job.again(attempt))
                    await tx.execute(_HAND_ON, job_id)
            return JobEnd.PARKED if is_last else JobEnd.RETRIED
        finally:
            await self._forget(job_id)
        return JobEnd.DONE

    async def _forget(self, job_id: int) -> None:
        try:
            async with self.database.system() as tx:
                await tx.execute(_END, job_id)
        except Exception as error:
            # The queue cannot note the end either then, and runs the job again.
            if not is_database_away(error):
                raise

    @asynccontextmanager
    async def _turn(self, *, alone: bool) -> AsyncIterator[None]:
        async with self._changed:
            await self._changed.wait_for(lambda: not self._alone and (not alone or self._running == 0))
            self._running += 1
            self._alone = alone
        try:
            yield
        finally:
            async with self._changed:
                self._running -= 1
                self._alone = False
                self._changed.notify_all()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedJob:
    """A job that was given up."""

    id: UUID
    name: str
    payload: bytes
    reason: str
    detail: str


async def park(tx: SystemTx, job_id: int, job: Job, reason: str, detail: str) -> None:
    """Keep a job, once, with the reason why it does not run any more."""
    await tx.execute(_PARK, new_uuid7(), job_id, job.name, job.encode(), reason, detail)


async def list_parked(tx: SystemTx, limit: int = 100) -> list[ParkedJob]:
    """Return parked jobs, newest first."""
    return [
        ParkedJob(id=row["id"], name=row["name"], payload=row["payload"], reason=row["reason"], detail=row["detail"])
        for row in await tx.fetch(_LIST, limit)
    ]


async def replay_parked(tx: SystemTx, parked_id: UUID, kind: type[Job]) -> bool:
    """Queue a parked job of one kind again, from its first try; False when it is not there (any more)."""
    payload = await tx.fetchval(_TAKE, parked_id, kind.name)
    if payload is None:
        return False
    tx.defer(kind.decode(payload).from_the_start())
    return True
