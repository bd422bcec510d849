"""Owns lanes for one worker process: takes them, renews their leases, runs them fairly, gives them back."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from blazz.domains.channels import SenderNumber, get_sender, hold_number
from blazz.domains.channels.failures import Pauses
from blazz.domains.channels.ports import Credentials, MessageSender, NumberRef, Refused, Requeue
from blazz.domains.inbox import store
from blazz.domains.inbox.outcomes import OutcomeSink
from blazz.domains.inbox.sending.bucket import TokenBucket
from blazz.domains.inbox.sending.lane import LaneRunner
from blazz.domains.inbox.sending.settlement import Settlement
from blazz.kernel.db.retry import is_database_away
from blazz.kernel.errors import AppError
from blazz.kernel.ids import new_uuid7
from blazz.kernel.metrics import LANE_DEPTH
from blazz.kernel.runtime import Runtime

_log = structlog.get_logger()
_MOST_LANES = 64
_IDLE_SLEEP = 0.05
_LINGER_SECONDS = 5.0
_SLEEP_UNTIL = datetime(9999, 1, 1, tzinfo=UTC)
LaneKey = tuple[int, UUID]


class CallSlots:
    """Bounds the provider calls in flight in this process.

    A lane that waits for slots is woken when half of them are free: a transaction that commits one intent costs
    nearly as much as one that commits fifty.
    """

    def __init__(self, most: int) -> None:
        """Allow ``most`` calls at once."""
        self._most, self._used = most, 0
        self._calm = most - max(1, most // 2)
        self._freed = asyncio.Event()
        self._freed.set()

    def free(self) -> int:
        """Return calls that may start now."""
        return self._most - self._used

    def take(self, count: int) -> None:
        """Reserve calls."""
        self._used += count
        if self._used > self._calm:
            self._freed.clear()

    def give_back(self, count: int) -> None:
        """Return reserved calls."""
        self._used -= count
        if self._used <= self._calm:
            self._freed.set()

    async def wait(self) -> None:
        """Wait until half of the calls may start."""
        await self._freed.wait()


@dataclass(slots=True, kw_only=True)
class Dispatcher:
    """Sends everything that waits in the outbox, one owner per number."""

    runtime: Runtime
    pick_provider: Callable[[str, str | None], MessageSender]
    sink: OutcomeSink
    owner: UUID = field(default_factory=new_uuid7)
    _lanes: dict[LaneKey, tuple[LaneRunner, asyncio.Task[None]]] = field(default_factory=dict)
    _closing: asyncio.Event = field(default_factory=asyncio.Event)
    _background: set[asyncio.Task[None]] = field(default_factory=set)
    _slots: CallSlots = field(init=False)
    _settlement: Settlement = field(init=False)
    _lease: timedelta = field(init=False)

    async def run(self) -> None:
        """Dispatch until ``close``; then finish the calls in flight, write their answers and free the lanes."""
        settings = self.runtime.settings
        self._slots = CallSlots(settings.send_concurrency)
        self._settlement = Settlement(self.runtime.database, self.owner, self.sink)
        self._lease = timedelta(seconds=settings.lane_lease_seconds)
        flusher = asyncio.create_task(self._settlement.run())
        try:
            while not self._closing.is_set():
                await self._tend()
                await self._pause(0.1 if not self._lanes else 0.25)
        finally:
            await self._wind_down()
            self._settlement.close()
            await flusher

    def close(self) -> None:
        """Stop taking new intents; ``run`` returns when what is in flight is settled."""
        self._closing.set()
        for runner, _ in self._lanes.values():
            runner.closing = True

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return

    async def _tend(self) -> None:
        try:
            await self._renew()
            if len(self._lanes) < _MOST_LANES:
                await self._take_lanes()
        except Exception as error:  # noqa: BLE001 - whatever it was, the loop must go on and the cause is logged
            if not is_database_away(error):
                _log.exception("the dispatcher could not look after its lanes")
            await self._pause(0.5)
        LANE_DEPTH.set(self._settlement.depth)

    async def _renew(self) -> None:
        for key in [key for key, (_, task) in self._lanes.items() if task.done()]:
            del self._lanes[key]
        if not self._lanes:
            return
        before = time.monotonic()
        held = [(runner.workspace_id, runner.number_id, runner.fencing) for runner, _ in self._lanes.values()]
        async with self.runtime.database.system() as tx:
            rows = await tx.fetch(
                store.SQL["renew_lanes"], self.owner, self._lease, *(list(column) for column in zip(*held, strict=True))
            )
        kept = {(row["workspace_id"], row["number_id"]) for row in rows}
        for key, (runner, _) in self._lanes.items():
            if key in kept:
                runner.lease_deadline = self._deadline(before)
            else:
                # Another worker, or a hold, took the lane: commit nothing more. Calls in flight still settle.
                runner.lease_deadline = 0.0
                runner.closing = True

    def _deadline(self, before: float) -> float:
        """When to stop believing in a lease that was written no earlier than ``before``; a margin for slow clocks."""
        return before + self._lease.total_seconds() - 0.5

    async def _take_lanes(self) -> None:
        before = time.monotonic()
        async with self.runtime.database.system() as tx:
            rows = await tx.fetch(store.SQL["claim_lanes"], self.owner, self._lease, _MOST_LANES - len(self._lanes))
        for row in rows:
            key = (row["workspace_id"], row["number_id"])
            runner = await self._make_runner(key, row["fencing"])
            if runner is None:
                await self._release(key, row["fencing"], self.runtime.clock.now() + timedelta(seconds=5))
                continue
            runner.lease_deadline = self._deadline(before)
            self._lanes[key] = (runner, asyncio.create_task(self._run_lane(key, runner)))

    async def _make_runner(self, key: LaneKey, fencing: int) -> LaneRunner | None:
        workspace_id, number_id = key
        try:
            async with self.runtime.database.workspace(workspace_id) as tx:
                sender: SenderNumber = await get_sender(tx, self.runtime.envelope, number_id)
        except AppError as error:
            _log.warning("a lane has no usable number", workspace_id=workspace_id, problem=error.code)
            return None
        held = sender.held_until is not None and sender.held_until > self.runtime.clock.now()
        if held or sender.status != "connected" or sender.paused_reason is not None:
            return None
        provider = self.pick_provider(sender.provider, sender.base_url)
        return LaneRunner(
            database=self.runtime.database,
            clock=self.runtime.clock,
            settlement=self._settlement,
            slots=self._slots,
            provider=provider,
            number=NumberRef(
                provider_account_id=sender.provider_account_id,
                provider_number_id=sender.provider_number_id,
                credentials=Credentials(access_token=sender.credentials.access_token),
            ),
            number_id=number_id,
            workspace_id=workspace_id,
            owner=self.owner,
            fencing=fencing,
            bucket=TokenBucket(sender.messages_per_second),
            on_pause=self._on_trouble,
        )

    async def _run_lane(self, key: LaneKey, runner: LaneRunner) -> None:
        idle_since = time.monotonic()
        wake_at = _SLEEP_UNTIL
        while runner.lease_is_live():
            try:
                started = await runner.run_once()
            except Exception as error:  # noqa: BLE001 - whatever it was, the loop must go on and the cause is logged
                if not is_database_away(error):
                    _log.exception("a lane failed", workspace_id=key[0])
                wake_at = self.runtime.clock.now() + timedelta(seconds=1)
                break
            if started:
                idle_since = time.monotonic()
                # Yield, so that one busy lane never starves the others of this process.
                await asyncio.sleep(0)
            elif runner.bucket.available() <= 0:
                await asyncio.sleep(min(1.0, runner.bucket.seconds_until_next()))
            elif time.monotonic() - idle_since > _LINGER_SECONDS:
                break
            else:
                await asyncio.sleep(_IDLE_SLEEP)
        runner.closing = True
        await runner.drain()
        await self._release(key, runner.fencing, wake_at)

    async def _release(self, key: LaneKey, fencing: int, wake_at: datetime) -> None:
        try:
            async with self.runtime.database.system() as tx:
                await tx.execute(store.SQL["release_lane"], key[0], key[1], self.owner, fencing, wake_at)
        except Exception as error:  # noqa: BLE001 - whatever it was, the loop must go on and the cause is logged
            # The lease runs out by itself; another worker takes over then.
            _log.warning("a lane could not be given back", problem=type(error).__name__)

    def _on_trouble(self, runner: LaneRunner, outcome: Requeue | Refused) -> None:
        if isinstance(outcome, Requeue) and outcome.slow_down:
            runner.bucket.slow_down()
        if outcome.failure.pauses in {Pauses.NUMBER, Pauses.ACCOUNT}:
            runner.closing = True
            task = asyncio.create_task(self._hold(runner, outcome.failure.code.value))
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    async def _hold(self, runner: LaneRunner, reason: str) -> None:
        """Stop the number: going on would make things worse; a person must look (131048, 190, 368 and the like)."""
        until = self.runtime.clock.now() + timedelta(hours=1)
        try:
            async with self.runtime.database.workspace(runner.workspace_id) as tx:
                await hold_number(tx, runner.number_id, reason, until)
                await store.hold_lane(tx, runner.workspace_id, runner.number_id, until, reason)
        except Exception:  # noqa: BLE001 - whatever it was, the loop must go on and the cause is logged
            _log.exception("a troubled number could not be held", reason=reason)

    async def _wind_down(self) -> None:
        for runner, _ in self._lanes.values():
            runner.closing = True
        tasks = [task for _, task in self._lanes.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=20)
        self._lanes.clear()
