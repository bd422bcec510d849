"""The supervisor restarts what crashes, drains on request and leaves nothing behind."""

import asyncio
import io
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from blazz.main.process_output import ProcessOutput
from blazz.main.supervisor import ProcessSpec, RestartPolicy, Supervisor, resident_mb

FAST = RestartPolicy(first_seconds=0.01, longest_seconds=0.05, healthy_seconds=60, crashes=3, window_seconds=60)
SLEEPER = "import signal; signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)\nwhile True: signal.pause()"


def python(name: str, code: str, **options: object) -> ProcessSpec:
    return ProcessSpec(name=name, command=(sys.executable, "-c", code), **options)  # type: ignore[arg-type] # test sugar


@asynccontextmanager
async def supervising(*specs: ProcessSpec, **options: object) -> AsyncIterator[tuple[Supervisor, io.StringIO]]:
    stream = io.StringIO()
    output = ProcessOutput(stream, tuple(spec.name for spec in specs))
    supervisor = Supervisor(specs, output=output, **{"policy": FAST, "drain_seconds": 5.0, **options})  # type: ignore[arg-type] # test sugar
    try:
        await supervisor.start()
        yield supervisor, stream
    finally:
        await supervisor.stop()


async def eventually(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - other processes set no event of ours
            await asyncio.sleep(0.01)


def entries(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


async def test_a_stop_ends_every_process_and_its_children() -> None:
    grandchild = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']); print(p.pid, flush=True); p.wait()"
    async with supervising(python("one", grandchild), python("two", SLEEPER)) as (supervisor, stream):
        await eventually(lambda: any(str(entry["event"]).isdigit() for entry in entries(stream)))
        inner = next(int(str(entry["event"])) for entry in entries(stream) if str(entry["event"]).isdigit())
        pids = [supervisor.pid("one"), supervisor.pid("two"), inner]
        assert all(pid and alive(pid) for pid in pids)
    await eventually(lambda: not any(pid and alive(pid) for pid in pids))
    assert supervisor.pid("one") is None


async def test_a_killed_process_comes_back_every_time() -> None:
    async with supervising(python("one", SLEEPER)) as (supervisor, _):
        for round_ in range(1, 6):
            await eventually(lambda: supervisor.pid("one"))
            pid = supervisor.pid("one")
            assert pid
            os.kill(pid, signal.SIGKILL)
            await eventually(lambda wanted=round_: supervisor.restarts("one") == wanted)  # type: ignore[misc] # default binds the loop variable
        await eventually(lambda: supervisor.pid("one"))


async def test_a_process_that_keeps_failing_stops_the_installation_loudly() -> None:
    async with supervising(python("bad", "raise SystemExit(3)"), python("good", SLEEPER)) as (supervisor, stream):
        assert await asyncio.wait_for(supervisor.wait(), 20) == 1
    critical = [entry for entry in entries(stream) if entry["level"] == "critical"]
    assert critical[0]["event"] == "giving up: bad ended 3 times within 60 s, last with exit code 3"
    assert supervisor.restarts("good") == 0


async def test_a_program_that_does_not_exist_is_given_up_too() -> None:
    async with supervising(ProcessSpec(name="none", command=("/nonexistent/program",))) as (supervisor, stream):
        assert await asyncio.wait_for(supervisor.wait(), 20) == 1
    assert "No such file" in stream.getvalue()


async def test_a_deaf_process_is_killed_after_the_drain_time() -> None:
    async with supervising(python("deaf", STUBBORN), drain_seconds=0.3) as (supervisor, stream):
        await eventually(lambda: any(entry["event"] == "deaf" for entry in entries(stream)))
        pid = supervisor.pid("deaf")
    assert pid
    assert not alive(pid)
    assert any(entry["event"] == "did not stop in time; killed" for entry in entries(stream))


async def test_a_frozen_process_does_not_hold_up_the_stop() -> None:
    async with supervising(python("one", SLEEPER)) as (supervisor, stream):
        await eventually(lambda: supervisor.pid("one"))
        pid = supervisor.pid("one")
        assert pid
        os.kill(pid, signal.SIGSTOP)
    assert not alive(pid)
    assert "did not stop in time" not in stream.getvalue()


async def test_waiting_for_readiness_names_who_is_late() -> None:
    async def never() -> bool:
        raise ConnectionRefusedError

    async with supervising(python("quick", SLEEPER), python("late", SLEEPER, ready=never)) as (supervisor, _):
        with pytest.raises(TimeoutError, match="not ready: late"):
            await supervisor.wait_ready(0.3)


async def test_readiness_is_reached_when_every_check_agrees() -> None:
    answers = iter([False, False, True])

    async def ready() -> bool:
        return next(answers)

    async with supervising(python("one", SLEEPER, ready=ready)) as (supervisor, _):
        await supervisor.wait_ready(20)


async def test_a_process_over_its_memory_limit_is_restarted_without_counting_as_a_crash() -> None:
    hungry = "import signal, os\nheld = bytearray(60_000_000)\nsignal.pause()"
    async with supervising(python("hungry", hungry, memory_limit_mb=40), watch_seconds=0.02) as (supervisor, stream):
        await eventually(lambda: supervisor.restarts("hungry") >= 1)
    assert any(entry["event"] == "over its memory limit" for entry in entries(stream))


async def test_a_failing_watch_is_reported_and_called_again() -> None:
    calls = []

    async def watch() -> None:
        calls.append(1)
        raise RuntimeError("database away")

    watches: list[Callable[[], Awaitable[None]]] = [watch]
    async with supervising(python("one", SLEEPER), watches=watches, watch_seconds=0.01) as (_, stream):
        await eventually(lambda: len(calls) >= 3)
    assert "database away" in stream.getvalue()


async def test_two_processes_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="names must differ"):
        await Supervisor([python("same", SLEEPER), python("same", SLEEPER)]).start()


async def test_environment_reaches_the_process() -> None:
    code = "import os; print(os.environ['GREETING'], flush=True); import signal; signal.pause()"
    async with supervising(python("one", code, env={"GREETING": "halo"})) as (_, stream):
        await eventually(lambda: "halo" in stream.getvalue())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_to_the_supervisor_drains_and_exits_with_zero(number: signal.Signals) -> None:
    process = await _supervisor_process()
    child = await _child_pid(process)
    process.send_signal(number)
    assert await asyncio.wait_for(process.wait(), 20) == 0
    await eventually(lambda: not alive(child))


async def test_children_of_a_killed_supervisor_die_with_it() -> None:
    process = await _supervisor_process()
    child = await _child_pid(process)
    process.kill()
    await process.wait()
    await eventually(lambda: not alive(child))


async def _supervisor_process() -> asyncio.subprocess.Process:
    code = (
        "import asyncio, sys\n"
        "from blazz.main.supervisor import ProcessSpec, Supervisor\n"
        f"spec = ProcessSpec(name='one', command=(sys.executable, '-c', {SLEEPER!r}))\n"
        "sys.exit(asyncio.run(Supervisor([spec]).run()))\n"
    )
    return await asyncio.create_subprocess_exec(sys.executable, "-c", code, stderr=asyncio.subprocess.PIPE)


async def _child_pid(process: asyncio.subprocess.Process) -> int:
    assert process.stderr is not None
    entry = json.loads(await asyncio.wait_for(process.stderr.readline(), 20))
    assert entry["event"] == "started"
    return int(entry["pid"])


def test_restart_delays_grow_to_a_ceiling() -> None:
    policy = RestartPolicy(first_seconds=0.2, longest_seconds=10)
    assert [policy.delay(n, 1.0) for n in (1, 2, 3, 10, 1000)] == [0.2, 0.4, 0.8, 10, 10]
    assert policy.delay(1, 0.0) == 0.1


def test_memory_of_an_ended_process_is_nothing() -> None:
    assert resident_mb(os.getpid()) > 1
    assert resident_mb(2**22 + 1) == 0
