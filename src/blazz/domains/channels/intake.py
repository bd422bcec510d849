"""Takes webhooks in: durable before the answer, in the database when it is there and on the local disk when it is not.

All requests that wait together share one INSERT (group commit). When an insert fails or takes longer than its limit,
the same deliveries, under the same ids, go to the spool; from then on the spool is used at once until the drain loop
has reached the database again. The delivery's id is the key of the table, so a delivery that reached both places, or
a segment drained twice by a crash, still makes one row.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

import structlog

from blazz.domains.channels.errors import IntakeUnavailable
from blazz.domains.channels.spool import SealedSegment, Spool
from blazz.domains.channels.store import SQL
from blazz.domains.channels.types import WebhookDelivery
from blazz.kernel.clock import Clock, SystemClock
from blazz.kernel.db import Database
from blazz.kernel.ids import new_uuid7
from blazz.kernel.metrics import WEBHOOK_EVENTS, WEBHOOK_SPOOL

_log = structlog.get_logger()
_BATCH_ROWS = 500
_BATCH_BYTES = 8_000_000
_Waiting = tuple[WebhookDelivery, "asyncio.Future[None]"]


class WebhookIntake:
    """One per web process; ``start`` before the first request, ``stop`` after the last.

    ``insert_timeout_seconds`` is how long a delivery waits for the database before it goes to the spool,
    ``drain_interval_seconds`` how often the spool tries the database again.
    """

    def __init__(
        self,
        database: Database,
        spool_dir: Path,
        *,
        clock: Clock | None = None,
        insert_timeout_seconds: float = 1.0,
        drain_interval_seconds: float = 0.5,
    ) -> None:
        """Check the spool.

        Raises:
            SpoolNotWritableError: the directory cannot be written; a web process must not start like this.

        """
        self._database = database
        self._clock = clock or SystemClock()
        self._spool = Spool(spool_dir)
        self._disk = asyncio.Lock()
        self._insert_timeout = insert_timeout_seconds
        self._drain_interval = drain_interval_seconds
        self._waiting: list[_Waiting] = []
        self._work = asyncio.Event()
        self._drain_now = asyncio.Event()
        self._database_away = False
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []
        self._inserts: set[asyncio.Task[None]] = set()

    @property
    def database_away(self) -> bool:
        """Tell whether deliveries go to the local disk right now."""
        return self._database_away

    async def start(self) -> None:
        """Start writing and draining; segments of an earlier run are drained first thing."""
        WEBHOOK_SPOOL.set(await asyncio.to_thread(self._spool.count))
        self._drain_now.set()
        self._tasks = [asyncio.create_task(self._write_loop()), asyncio.create_task(self._drain_loop())]

    async def stop(self) -> None:
        """Finish what was accepted, then stop; what is on the disk stays for the next start."""
        self._stopping = True
        self._work.set()
        if not self._tasks:
            return
        writer, drainer = self._tasks
        await writer
        drainer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await drainer
        for task in tuple(self._inserts):
            task.cancel()
        self._spool.seal()
        self._tasks = []

    async def accept(self, provider: str, body: bytes) -> None:
        """Keep one verified delivery; returns once it is durable.

        Raises:
            IntakeUnavailable: neither the database nor the disk took it, so the sender must try again.

        """
        if self._stopping or not self._tasks:
            raise IntakeUnavailable(retry_after_seconds=2)
        delivery = WebhookDelivery(id=new_uuid7(), provider=provider, body=body, received_at=self._clock.now())
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((delivery, done))
        self._work.set()
        await done

    async def _write_loop(self) -> None:
        while not (self._stopping and not self._waiting):
            await self._work.wait()
            # One turn of the loop lets every request that is already readable join this batch.
            await asyncio.sleep(0)
            batch = self._take_batch()
            if batch:
                await self._settle(batch)
            if not self._waiting and not self._stopping:
                self._work.clear()

    def _take_batch(self) -> list[_Waiting]:
        size = count = 0
        for delivery, _ in self._waiting:
            size += len(delivery.body)
            if count and (size > _BATCH_BYTES or count >= _BATCH_ROWS):
                break
            count += 1
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        return batch

    async def _settle(self, batch: list[_Waiting]) -> None:
        """Make a batch durable and answer everyone who waits for it, whatever happens."""
        failure: IntakeUnavailable | None = None
        try:
            await self._keep([delivery for delivery, _ in batch])
        except Exception as error:  # noqa: BLE001 - everyone in the batch must get an answer, whatever went wrong
            _log.exception("webhooks could be kept neither in the database nor on disk", problem=str(error))
            failure = IntakeUnavailable(retry_after_seconds=5)
        for _, done in batch:
            if done.done():
                continue
            if failure is None:
                done.set_result(None)
            else:
                done.set_exception(failure)

    async def _keep(self, deliveries: list[WebhookDelivery]) -> None:
        if not self._database_away and await self._insert(deliveries, self._insert_timeout):
            WEBHOOK_EVENTS.labels("stored").inc(len(deliveries))
            return
        try:
            async with self._disk:
                # Set under the lock, so that a drain that just found the disk empty cannot overrule it.
                self._database_away = True
                await asyncio.to_thread(self._spool.append, deliveries)
        finally:
            self._drain_now.set()
        WEBHOOK_SPOOL.inc(len(deliveries))
        WEBHOOK_EVENTS.labels("spooled").inc(len(deliveries))

    async def _insert(self, deliveries: Sequence[WebhookDelivery], timeout: float) -> bool:
        """Insert deliveries; False when the database failed or was slower than ``timeout`` seconds."""
        task = asyncio.create_task(self._run_insert(deliveries))
        self._inserts.add(task)
        task.add_done_callback(self._forget)
        finished, _ = await asyncio.wait({task}, timeout=timeout)
        if not finished:
            # Its end is not awaited: a frozen server would hold every request. The id makes a late success harmless.
            task.cancel()
            _log.warning("the database is too slow for webhooks; the local disk takes them", rows=len(deliveries))
            return False
        error = task.exception()
        if error is not None:
            _log.warning("the database does not take webhooks; the local disk does", problem=repr(error))
        return error is None

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._inserts.discard(task)
        if not task.cancelled():
            task.exception()

    async def _run_insert(self, deliveries: Sequence[WebhookDelivery]) -> None:
        async with self._database.system_connection() as connection:
            try:
                await connection.execute(
                    SQL["insert_deliveries"],
                    [item.id for item in deliveries],
                    [item.provider for item in deliveries],
                    [item.body for item in deliveries],
                    [item.received_at for item in deliveries],
                )
            except asyncio.CancelledError:
                # Dropped at once: giving it back politely would wait for a server that may be frozen.
                connection.terminate()
                raise

    async def _drain_loop(self) -> None:
        while True:
            await self._drain_now.wait()
            self._drain_now.clear()
            try:
                drained = await self.drain()
            except OSError as error:
                _log.error("the webhook spool cannot be read", problem=str(error))
                drained = False
            if not drained:
                await asyncio.sleep(self._drain_interval)
                self._drain_now.set()

    async def drain(self) -> bool:
        """Move what the disk holds into the table; True when nothing is left to move."""
        while True:
            async with self._disk:
                # No thread here: a cancellation between the lock and the hand-over would leave the segment locked.
                self._spool.seal()
                segment = self._spool.next_sealed()
                if segment is None:
                    self._database_away = False
            if segment is None:
                # Segments another live process writes are its own to drain; we only come back for them.
                empty = await asyncio.to_thread(self._spool.is_empty)
                if empty:
                    WEBHOOK_SPOOL.set(0)
                return empty
            if not await self._drain_segment(segment):
                return False

    async def _drain_segment(self, segment: SealedSegment) -> bool:
        try:
            deliveries = await asyncio.to_thread(segment.read)
            for start in range(0, len(deliveries), _BATCH_ROWS):
                part = deliveries[start : start + _BATCH_ROWS]
                if not await self._insert(part, max(self._insert_timeout, 10.0)):
                    segment.release()
                    return False
                self._database_away = False
        except BaseException:
            segment.release()
            raise
        await asyncio.to_thread(segment.delete)
        WEBHOOK_SPOOL.dec(len(deliveries))
        return True
