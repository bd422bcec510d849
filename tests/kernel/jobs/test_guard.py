"""Poison jobs (failure F-15): counted before they run, run alone when suspected, parked with their reason; others go on."""

import asyncio
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from blazz.kernel.guarded_jobs import JobEnd, JobGuard, list_parked, replay_parked
from blazz.kernel.runtime import Runtime
from tests.architecture.measures import ROOT
from tests.conftest import WorkspaceFixture
from tests.kernel.jobs.poisoned_worker import Good, Hangs, Kills, Raises

GOOD = 300


@pytest.mark.slow
async def test_poison_jobs_are_parked_after_three_deaths_and_good_ones_are_all_done(
    runtime: Runtime, workspace: WorkspaceFixture, tmp_path: Path
) -> None:
    deaths = tmp_path / "deaths"
    await asyncio.to_thread(deaths.touch)
    async with runtime.database.workspace(workspace.id) as tx:
        for number in range(GOOD):
            tx.defer(Good(workspace_id=workspace.id, number=number))
            if number % 100 == 50:
                tx.defer(*(kind(workspace_id=workspace.id, number=number) for kind in (Kills, Raises, Hangs)))
    urls = runtime.database.urls
    command = [sys.executable, "-m", "tests.kernel.jobs.poisoned_worker", urls.app, urls.system, str(tmp_path)]
    started, runs = time.monotonic(), 0
    while await _left(runtime) and time.monotonic() - started < 120:
        runs += 1
        process = await asyncio.create_subprocess_exec(*command, str(deaths), cwd=ROOT)
        while process.returncode is None and await _left(runtime):
            try:
                await asyncio.wait_for(process.wait(), 0.2)
            except TimeoutError:
                continue
        if process.returncode is None:
            process.kill()
            await process.wait()
    async with runtime.database.workspace(workspace.id) as tx:
        done = await tx.fetchval("SELECT count(*) FROM idempotency_keys")
    async with runtime.database.system() as system:
        parked = await list_parked(system)
        starts = await system.fetchval("SELECT count(*) FROM job_starts")
    assert done == GOOD
    assert Counter((job.name, job.reason) for job in parked) == {
        ("test.kills", "worker_died"): 3,
        ("test.raises", "failed"): 3,
        ("test.hangs", "failed"): 3,
    }
    died = Counter((await asyncio.to_thread(deaths.read_text)).split())
    # One that began beside another's death was counted without having done harm itself.
    assert len(died) == 3
    assert max(died.values()) <= 3
    assert any("RuntimeError: poison" in job.detail for job in parked)
    assert starts <= 6
    assert runs <= 11


async def _left(runtime: Runtime) -> int:
    async with runtime.database.system() as tx:
        return int(await tx.fetchval("SELECT count(*) FROM pgqueuer"))


async def test_a_job_that_fails_for_good_is_parked_with_its_traceback_and_can_run_again(
    runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    guard = JobGuard(runtime.database)
    job = Raises(workspace_id=workspace.id, number=7, attempt=1)

    async def fail() -> None:
        raise RuntimeError("poison 7")

    first = Raises(workspace_id=workspace.id, number=7)
    assert await guard.run(1, first, fail) is JobEnd.RETRIED
    # Its worker died before the queue noted the end: it must not queue a second next try.
    assert await guard.run(1, first, fail) is JobEnd.PARKED
    async with runtime.database.system() as tx:
        assert (
            await tx.fetchval(
                "DELETE FROM pgqueuer WHERE entrypoint = 'test.raises' RETURNING (SELECT count(*) FROM pgqueuer)"
            )
            == 1
        )
    assert await guard.run(2, job, fail) is JobEnd.PARKED
    assert await guard.run(2, job, fail) is JobEnd.PARKED
    async with runtime.database.system() as tx:
        [parked] = await list_parked(tx)
        assert "poison 7" in parked.detail
        assert not await replay_parked(tx, parked.id, Hangs)
        assert await replay_parked(tx, parked.id, Raises)
        assert not await replay_parked(tx, parked.id, Raises)
    async with runtime.database.system() as tx:
        payload = await tx.fetchval("SELECT payload FROM pgqueuer WHERE entrypoint = 'test.raises'")
        assert await list_parked(tx) == []
    again = Raises.decode(payload)
    assert (again.number, again.attempt) == (7, 0)


async def test_a_suspect_runs_alone(runtime: Runtime, workspace: WorkspaceFixture) -> None:
    guard = JobGuard(runtime.database)
    suspect = Kills(workspace_id=workspace.id, number=1)
    async with runtime.database.system() as tx:
        await tx.execute("INSERT INTO job_starts (job_id, name) VALUES (5, 'test.kills')")
    inside: list[str] = []
    together: list[int] = []

    async def work(name: str) -> None:
        inside.append(name)
        together.append(len(inside))
        await asyncio.sleep(0.02)
        inside.remove(name)
        if name == "suspect":
            together.append(-len(inside))

    jobs = [guard.run(10 + n, Good(workspace_id=workspace.id, number=n), lambda n=n: work(f"{n}")) for n in range(6)]  # type: ignore[misc]
    results = await asyncio.gather(guard.run(5, suspect, lambda: work("suspect")), *jobs)
    assert set(results) == {JobEnd.DONE}
    assert max(together) <= 6
    place = together.index(next(count for count in together if count <= 0))
    assert together[place] == 0
