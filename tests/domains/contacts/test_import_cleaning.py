"""Uploads and kept rows go a week after the undo window; what may still be undone or runs is left alone."""

import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from blazz.domains.contacts.errors import ImportFilesRemoved, UndoExpired
from blazz.domains.contacts.imports import service
from blazz.domains.contacts.imports.cleaning import clean_imports
from blazz.domains.contacts.imports.report import error_file
from blazz.domains.contacts.imports.run import file_of
from blazz.domains.contacts.imports.types import ImportOptions
from blazz.kernel.clock import FixedClock
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.contacts.test_imports import MESSY, Bench


def later(runtime: Runtime, days: float) -> Runtime:
    """The same process, days later."""
    return replace(runtime, clock=FixedClock(datetime.now(UTC) + timedelta(days=days)))


async def test_a_finished_import_keeps_file_and_rows_until_a_week_after_the_undo_window(
    runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    bench = Bench(runtime, workspace)
    job = await bench.go(MESSY)
    assert await clean_imports(later(runtime, 13.9)) == 0
    assert file_of(runtime, job).is_file()
    async with runtime.database.workspace(workspace.id) as tx:
        assert b"6,28E+12" in b"".join([p async for p in await error_file(runtime, tx, bench.owner, job.id, "en")])
    assert await clean_imports(later(runtime, 14.1)) == 1
    assert not file_of(runtime, job).exists()
    assert await bench.value("SELECT count(*) FROM contact_import_rows") == 0
    assert await bench.value("SELECT count(*) FROM contacts WHERE deleted_at IS NULL") == 2
    assert await bench.value("SELECT count(*) FROM events WHERE type = 'contact_import.cleaned'") == 1
    async with runtime.database.workspace(workspace.id) as tx:
        with pytest.raises(ImportFilesRemoved):
            await error_file(runtime, tx, bench.owner, job.id, "en")
        with pytest.raises(UndoExpired):
            await service.undo_import(tx, bench.owner, later(runtime, 14.1), job.id)
        # The counts stay: they are the record of what happened.
        assert (await service.get_import(tx, bench.owner, job.id)).counts["rows"] == 5
    assert await clean_imports(later(runtime, 15)) == 0


async def test_an_upload_that_was_left_alone_goes_after_two_weeks_and_cannot_start_any_more(
    runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    bench = Bench(runtime, workspace)
    job = await bench.upload(MESSY)
    assert await clean_imports(later(runtime, 13.9)) == 0
    assert await clean_imports(later(runtime, 14.1)) == 1
    async with runtime.database.workspace(workspace.id) as tx:
        with pytest.raises(ImportFilesRemoved):
            await service.start_import(tx, bench.owner, runtime, job.id, ImportOptions(), dry_run=True)


async def test_an_import_that_waits_or_runs_keeps_its_file(runtime: Runtime, workspace: WorkspaceFixture) -> None:
    bench = Bench(runtime, workspace)
    job = await bench.upload(MESSY)
    await bench.start(job.id, ImportOptions())
    assert await clean_imports(later(runtime, 400)) == 0
    assert file_of(runtime, job).is_file()


async def test_a_file_that_no_import_knows_is_swept_when_it_is_old(
    runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    job = await Bench(runtime, workspace).upload(MESSY)
    folder = runtime.storage_dir / "imports"
    old, new = folder / "left-behind", folder / "being-uploaded"
    for path in (old, new):
        path.write_bytes(b"x")
    long_ago = time.time() - 15 * 86_400
    os.utime(old, (long_ago, long_ago))
    os.utime(file_of(runtime, job), (long_ago, long_ago))
    assert await clean_imports(runtime) == 0
    assert (old.exists(), new.exists(), file_of(runtime, job).exists()) == (False, True, True)
