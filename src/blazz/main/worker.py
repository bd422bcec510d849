"""The worker process: dispatching, feeding, webhook processing, recovery, jobs, and the partition maintainer."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job as QueuedJob

from blazz.domains.campaigns import apply_outcomes, feed_once
from blazz.domains.contacts.jobs import tidy_contacts
from blazz.domains.inbox import Dispatcher, WebhookProcessor, recover_unknown_outcomes
from blazz.kernel.clock_sync import SYNC_SECONDS, follow_database_clock
from blazz.kernel.config import Settings
from blazz.kernel.db.retry import is_database_away, retry_transaction
from blazz.kernel.guarded_jobs import JobGuard
from blazz.kernel.housekeeping import forget_old_keys
from blazz.kernel.jobs import Job
from blazz.kernel.metrics import JOBS
from blazz.kernel.runtime import Runtime
from blazz.kernel.space import MeasureDisk
from blazz.main.disk import disk_of, watch_space
from blazz.main.local_database import running_url
from blazz.main.wiring import JobHandler, Providers, job_handlers, open_runtime, webhook_secrets
from blazz.migrations import ensure_partitions
from blazz.migrations.retention import drop_expired_months

_log = structlog.get_logger()
_MAINTENANCE_SECONDS = 3600.0
_SPACE_SECONDS = 5.0
_RETRY_SECONDS = 30.0
# A job whose worker shows no sign of life for this long is taken over by another.
HEARTBEAT = timedelta(seconds=30)


async def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish what is in flight."""
    runtime = await open_runtime(settings, "worker", batches=True)
    providers = Providers(settings)
    worker = Worker(runtime, providers)
    _calm_collector()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    try:
        await worker.run()
    finally:
        await providers.aclose()
        await runtime.database.close()


def _calm_collector() -> None:
    """Let the garbage collector look at what the work made and not at the program itself; a tenth of the time sending.

    Messages in flight are many small objects that reference counting frees; full collections find nothing among them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


class Worker:
    """All loops of one worker process."""

    def __init__(self, runtime: Runtime, providers: Providers, *, disk: MeasureDisk | None = None) -> None:
        """Wire the loops; nothing runs yet. ``disk`` measures the room for data, usually that of this machine."""
        self._disk = disk or disk_of(runtime.settings)
        self._runtime = runtime
        self._providers = providers
        self._stopping = asyncio.Event()
        self._dispatcher = Dispatcher(runtime=runtime, pick_provider=providers.pick, sink=apply_outcomes)
        self._processor = WebhookProcessor(
            runtime=runtime,
            providers={"meta_cloud": providers.pick("meta_cloud", None)},
            sink=apply_outcomes,
            secrets=webhook_secrets(runtime),
        )

    def stop(self) -> None:
        """Ask every loop to end."""
        self._stopping.set()
        self._dispatcher.close()

    async def run(self) -> None:
        """Run until stopped."""
        runtime, settings = self._runtime, self._runtime.settings
        loops = [
            asyncio.create_task(self._dispatcher.run()),
            self._loop("feeder", lambda: feed_once(runtime, settings.lane_backlog), 0.1),
            self._loop("webhooks", self._processor.run_once, 0.05),
            self._loop("recovery", lambda: recover_unknown_outcomes(runtime, apply_outcomes), 1.0),
            self._loop("clock", lambda: follow_database_clock(runtime.database), SYNC_SECONDS),
            self._loop("partitions", self._maintain_partitions, _MAINTENANCE_SECONDS),
            self._loop("space", self._watch_space, _SPACE_SECONDS),
            self._loop("keys", lambda: forget_old_keys(runtime), _MAINTENANCE_SECONDS),
            self._loop("contacts", lambda: tidy_contacts(runtime), _MAINTENANCE_SECONDS),
            asyncio.create_task(self._run_jobs()),
        ]
        await asyncio.gather(*loops)

    def _loop(self, name: str, turn: Callable[[], Awaitable[int]], idle_seconds: float) -> "asyncio.Task[None]":
        return asyncio.create_task(self._repeat(name, turn, idle_seconds))

    async def _repeat(self, name: str, turn: Callable[[], Awaitable[int]], idle_seconds: float) -> None:
        """Take turns, at once while there is work, otherwise after a pause; an error never ends a loop."""
        while not self._stopping.is_set():
            pause = idle_seconds
            try:
                if await turn() and idle_seconds < 1:
                    pause = 0.0
            except Exception as error:  # noqa: BLE001 - whatever it was, the loop must go on and the cause is logged
                if not is_database_away(error):
                    _log.exception("a loop failed", loop=name)
                # What runs once an hour is tried again soon, so that a short outage does not cost it the hour.
                pause = min(max(idle_seconds, 0.5), _RETRY_SECONDS)
            if pause:
                await self._pause(pause)
            else:
                await asyncio.sleep(0)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _watch_space(self) -> int:
        return await watch_space(self._runtime, await asyncio.to_thread(self._disk))

    async def _maintain_partitions(self) -> int:
        # One look, in a thread: lanes must renew their leases meanwhile. Without a server the next turn comes soon.
        url = await asyncio.to_thread(running_url, self._runtime.settings, patience_seconds=0)
        connection = await asyncpg.connect(url)
        try:
            now = self._runtime.clock.now()
            made = await ensure_partitions(connection, now)
            dropped = await drop_expired_months(connection, now, self._runtime.settings.events_keep_days)
        finally:
            await connection.close()
        if made:
            _log.info("partitions made", count=len(made))
        if dropped:
            _log.info("expired months dropped", partitions=dropped)
        return len(made)

    async def _run_jobs(self) -> None:
        """Run the job queue on its own connection; begin again when the database comes back."""
        while not self._stopping.is_set():
            try:
                await self._run_queue()
            except Exception as error:  # noqa: BLE001 - whatever it was, the loop must go on and the cause is logged
                if not is_database_away(error):
                    _log.exception("the job queue failed")
                await self._pause(1.0)

    async def _run_queue(self) -> None:
        connection = await asyncpg.connect(self._runtime.database.urls.queue)
        try:
            queue = PgQueuer(connection=AsyncpgDriver(connection))
            guard = JobGuard(self._runtime.database)
            for kind, handler in job_handlers(self._providers).items():
                queue.entrypoint(kind.name, concurrency_limit=4)(make_entrypoint(self._runtime, guard, kind, handler))
            stopper = asyncio.create_task(self._stop_queue(queue))
            try:
                await queue.run(dequeue_timeout=timedelta(seconds=1), batch_size=4, heartbeat_timeout=HEARTBEAT)
            finally:
                stopper.cancel()
        finally:
            await connection.close()

    async def _stop_queue(self, queue: PgQueuer) -> None:
        await self._stopping.wait()
        queue.shutdown.set()


def make_entrypoint(
    runtime: Runtime, guard: JobGuard, kind: type[Job], handler: JobHandler
) -> Callable[[QueuedJob], Awaitable[None]]:
    """Make what the queue calls for one kind of job: guarded, and tried again later when it fails."""

    async def run(queued: QueuedJob) -> None:
        job = kind.decode(queued.payload or b"{}")
        # A job is safe to run twice, so a passing conflict is not worth a failed attempt.
        end = await guard.run(queued.id, job, lambda: retry_transaction(lambda: handler(runtime, job)))
        JOBS.labels(kind.name, end.value).inc()

    return run
