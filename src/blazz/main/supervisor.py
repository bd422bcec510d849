"""Keeps the processes of one machine running: restarts what crashes, drains on request, leaves nothing behind."""

import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from blazz.adapters.parent_death import die_with_parent
from blazz.main.process_output import ProcessOutput, lines_of

_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / (1024 * 1024)
_READY_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSpec:
    """One process to keep running; ``ready`` answers whether it can do its work yet."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    memory_limit_mb: int | None = None
    ready: Callable[[], Awaitable[bool]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """How long to wait before a restart, and when to stop trying.

    A process that ends by itself ``crashes`` times within ``window_seconds`` will not get better: the whole
    installation stops and says so. One that something outside killed is restarted for as long as it takes.
    """

    first_seconds: float = 0.2
    longest_seconds: float = 10.0
    healthy_seconds: float = 5.0
    crashes: int = 8
    window_seconds: float = 90.0

    def delay(self, quick_failures: int, jitter: float) -> float:
        """Return the seconds to wait after this many quick failures in a row; ``jitter`` lies in 0..1."""
        full = min(self.first_seconds * 2.0 ** min(quick_failures - 1, 30), self.longest_seconds)
        return full * (0.5 + jitter / 2)


@dataclass(slots=True)
class _Child:
    """What the supervisor knows of one process."""

    spec: ProcessSpec
    process: asyncio.subprocess.Process | None = None
    started_at: float = 0.0
    quick_failures: int = 0
    crashes: deque[float] = field(default_factory=deque)
    restarts: int = 0
    over_limit: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Supervisor:
    """Runs a fixed set of processes until asked to stop.

    ``watches`` are called every ``watch_seconds``: the composition root uses one to bring back the database.
    """

    specs: Sequence[ProcessSpec]
    policy: RestartPolicy = field(default_factory=RestartPolicy)
    drain_seconds: float = 25.0
    watches: Sequence[Callable[[], Awaitable[None]]] = ()
    watch_seconds: float = 1.0
    output: ProcessOutput | None = None
    _children: dict[str, _Child] = field(default_factory=dict)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _watchers: list[asyncio.Task[None]] = field(default_factory=list)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _gave_up: str | None = None

    async def run(self) -> int:
        """Start everything, wait for SIGTERM, SIGINT or a hopeless process, drain; return the exit code."""
        loop = asyncio.get_running_loop()
        handled = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        for number in handled:
            loop.add_signal_handler(number, self.request_stop)
        try:
            await self.start()
            return await self.wait()
        finally:
            await self.stop()
            for number in handled:
                loop.remove_signal_handler(number)

    async def start(self) -> None:
        """Start every process.

        Raises:
            ValueError: two processes share a name.

        """
        names = tuple(spec.name for spec in self.specs)
        if len(set(names)) != len(names):
            raise ValueError(f"process names must differ: {', '.join(names)}")
        self.output = self.output or ProcessOutput(sys.stderr, names)
        self._children = {spec.name: _Child(spec) for spec in self.specs}
        self._tasks = [asyncio.create_task(self._keep(child)) for child in self._children.values()]
        self._watchers = [asyncio.create_task(self._watch()), asyncio.create_task(self._watch_memory())]

    async def wait(self) -> int:
        """Wait until a stop is requested; return 0, or 1 when a process could not be kept running."""
        await self._stopping.wait()
        return 1 if self._gave_up else 0

    async def wait_ready(self, timeout_seconds: float) -> None:
        """Wait until every process is ready.

        Raises:
            TimeoutError: naming those that are not ready in time, or the one that was given up.

        """
        ready = asyncio.create_task(self._all_ready())
        stopped = asyncio.create_task(self._stopping.wait())
        done, _ = await asyncio.wait({ready, stopped}, timeout=timeout_seconds, return_when=asyncio.FIRST_COMPLETED)
        for waiting in (ready, stopped):
            waiting.cancel()
        await asyncio.gather(ready, stopped, return_exceptions=True)
        if ready not in done:
            late = [name for name, child in self._children.items() if not child.ready.is_set()]
            raise TimeoutError(self._gave_up or f"not ready: {', '.join(late)}")

    async def _all_ready(self) -> bool:
        for child in self._children.values():
            await child.ready.wait()
        return True

    def request_stop(self) -> None:
        """Ask for an orderly end; returns at once."""
        self._stopping.set()

    async def stop(self) -> None:
        """Drain: SIGTERM to all, wait, SIGKILL what is left. Doing so twice is harmless."""
        self._stopping.set()
        running = [child for child in self._children.values() if child.process is not None]
        if running:
            self._say("stopping", processes=[child.spec.name for child in running])
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        await asyncio.gather(*(self._terminate(child) for child in running))
        # A process that was just being started when the stop came is ended by its own task.
        await asyncio.gather(*self._tasks)
        self._tasks.clear()
        self._watchers.clear()

    def pid(self, name: str) -> int | None:
        """Return the process id of a running process, or None while it is down."""
        process = self._children[name].process
        return process.pid if process is not None and process.returncode is None else None

    def restarts(self, name: str) -> int:
        """Return how often a process was started again."""
        return self._children[name].restarts

    async def _keep(self, child: _Child) -> None:
        """Run one process again and again until a stop is requested."""
        while not self._stopping.is_set():
            code = await self._run_once(child)
            if self._stopping.is_set():
                return
            delay = self._judge(child, code)
            if delay is None:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)
            child.restarts += 1

    async def _run_once(self, child: _Child) -> int:
        spec = child.spec
        child.started_at = time.monotonic()
        try:
            process = await asyncio.create_subprocess_exec(
                *spec.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, **spec.env},
                start_new_session=True,
                preexec_fn=die_with_parent(os.getpid(), signal.SIGKILL),
            )
        except OSError as error:
            self._say("cannot be started", level="error", name=spec.name, reason=str(error))
            return 127
        child.process = process
        self._say("started", name=spec.name, pid=process.pid)
        assert process.stdout is not None
        pump = asyncio.create_task(self._pump(spec.name, process.stdout))
        probe = asyncio.create_task(self._probe(child))
        try:
            if self._stopping.is_set():
                await self._terminate(child)
            return await process.wait()
        finally:
            child.ready.clear()
            probe.cancel()
            # What the process itself started goes with it; then its last lines can be read to the end.
            _kill_group(process.pid, signal.SIGKILL)
            await asyncio.wait({pump}, timeout=2.0)
            pump.cancel()
            await asyncio.gather(pump, probe, return_exceptions=True)
            child.process = None

    def _judge(self, child: _Child, code: int) -> float | None:
        """Return the seconds to wait before the next start, or None when there is no point in trying."""
        now = time.monotonic()
        lived = now - child.started_at
        child.quick_failures = 1 if lived >= self.policy.healthy_seconds else child.quick_failures + 1
        if code >= 0:
            child.crashes.append(now)
        while child.crashes and child.crashes[0] < now - self.policy.window_seconds:
            child.crashes.popleft()
        ended = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        if len(child.crashes) >= self.policy.crashes:
            window = f"{self.policy.window_seconds:.0f} s"
            self._gave_up = f"{child.spec.name} ended {len(child.crashes)} times within {window}, last with {ended}"
            self._say(f"giving up: {self._gave_up}", level="critical")
            self._stopping.set()
            return None
        delay = self.policy.delay(child.quick_failures, random.random())  # noqa: S311 - spreads restarts, no secret
        self._say(
            "ended; starting again",
            level="warning",
            name=child.spec.name,
            ended=ended,
            lived_seconds=round(lived, 1),
            delay_seconds=round(delay, 2),
        )
        return delay

    async def _pump(self, name: str, reader: asyncio.StreamReader) -> None:
        assert self.output is not None
        async for line in lines_of(reader):
            self.output.line(name, line)

    async def _probe(self, child: _Child) -> None:
        """Set the ready mark once the process says it can work."""
        while child.spec.ready is not None:
            with contextlib.suppress(OSError, TimeoutError):
                if await child.spec.ready():
                    break
            await asyncio.sleep(_READY_POLL_SECONDS)
        child.ready.set()

    async def _watch(self) -> None:
        """Call the composition root's own watches."""
        while True:
            await asyncio.sleep(self.watch_seconds)
            for watch in self.watches:
                try:
                    await watch()
                except Exception as error:  # noqa: BLE001 - a failing watch must not end the others
                    self._say("watch failed", level="error", reason=str(error))

    async def _watch_memory(self) -> None:
        while True:
            await asyncio.sleep(self.watch_seconds)
            for child in self._children.values():
                await self._check_memory(child)

    async def _check_memory(self, child: _Child) -> None:
        limit = child.spec.memory_limit_mb
        if limit is None or child.process is None:
            return
        used = resident_mb(child.process.pid)
        child.over_limit = child.over_limit + 1 if used > limit else 0
        # Three looks in a row: a short peak is no leak.
        if child.over_limit >= 3:
            child.over_limit = 0
            self._say("over its memory limit", level="error", name=child.spec.name, used_mb=round(used), limit_mb=limit)
            await self._terminate(child)

    async def _terminate(self, child: _Child) -> None:
        process = child.process
        if process is None or process.returncode is not None:
            return
        _kill_group(process.pid, signal.SIGTERM)
        # A stopped process cannot drain.
        _kill_group(process.pid, signal.SIGCONT)
        try:
            await asyncio.wait_for(process.wait(), self.drain_seconds)
        except TimeoutError:
            self._say("did not stop in time; killed", level="error", name=child.spec.name, seconds=self.drain_seconds)
            _kill_group(process.pid, signal.SIGKILL)
            await process.wait()

    def _say(self, event: str, *, level: str = "info", **fields: object) -> None:
        if self.output is not None:
            self.output.say(event, level=level, **fields)


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process in MB; 0 when it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_MB
    except (OSError, IndexError):
        return 0.0


def _kill_group(leader: int, number: signal.Signals) -> None:
    # Every child leads a group of its own, named by its pid.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
