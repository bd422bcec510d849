"""Runs of one import that meet: the queue may start a job again while the first run of it still lives."""

import asyncio

import pytest

from blazz.domains.contacts.imports.run import file_of, run
from blazz.domains.contacts.imports.types import ImportOptions
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.contacts.test_imports import Bench

ROWS = 1_000
TEXT = "Nama;Telepon\n" + "\n".join(f"Orang {n};0812{30_000_000 + n}" for n in range(ROWS)) + "\n"


async def test_runs_that_meet_store_every_row_once_and_none_ends_the_import_early(
    runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    bench = Bench(runtime, workspace)
    job = await bench.upload(TEXT)
    await bench.start(job.id, ImportOptions())
    await asyncio.gather(*(run(runtime, workspace.id, job.id, chunk_rows=20) for _ in range(3)))
    # Whoever was behind has left; if all were, the next run of the job goes on.
    await run(runtime, workspace.id, job.id, chunk_rows=20)
    done = await bench.get(job.id)
    assert (done.status, done.counts["created"], done.counts["rows"]) == ("completed", ROWS, ROWS)
    assert await bench.value("SELECT count(*) FROM contacts") == ROWS


async def test_a_database_that_goes_away_is_not_a_missing_file(runtime: Runtime, workspace: WorkspaceFixture) -> None:
    bench = Bench(runtime, workspace)
    job = await bench.upload(TEXT)
    await bench.start(job.id, ImportOptions())

    def refuse() -> None:
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        await run(runtime, workspace.id, job.id, chunk_rows=100, between=refuse)
    assert (await bench.get(job.id)).status == "running"
    await run(runtime, workspace.id, job.id, chunk_rows=100)
    done = await bench.get(job.id)
    assert (done.status, done.counts["created"]) == ("completed", ROWS)


async def test_a_missing_file_is(runtime: Runtime, workspace: WorkspaceFixture) -> None:
    bench = Bench(runtime, workspace)
    job = await bench.upload(TEXT)
    await bench.start(job.id, ImportOptions())
    file_of(runtime, job).unlink()
    await run(runtime, workspace.id, job.id)
    failed = await bench.get(job.id)
    assert (failed.status, failed.problem) == ("failed", "file_missing")
