"""F-17: two hundred broken files through the whole import. Every line is accounted for, and nothing is half-applied."""

from collections.abc import AsyncIterator

from blazz.domains.contacts.imports import service
from blazz.domains.contacts.imports.report import error_file
from blazz.domains.contacts.imports.rows import has_phone, mapping_of
from blazz.domains.contacts.imports.run import run
from blazz.domains.contacts.imports.types import OUTCOMES, ImportOptions
from blazz.kernel.errors import AppError
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.contacts.test_imports import Bench, blocks
from tests.kernel.tabular.test_tabular_corpus import Case, corpus


async def import_case(bench: Bench, case: Case) -> tuple[int, int]:
    """Import a file as it is; return its rows and the rows that were accounted for."""
    runtime, workspace_id = bench.runtime, bench.workspace.id
    async with runtime.database.workspace(workspace_id) as tx:
        job = await service.upload(tx, bench.owner, runtime, f"{case.name}.csv", blocks(case.content))
        options = ImportOptions()
        if not has_phone(mapping_of(job.file_format, options)):
            # A header that was damaged names no numbers; a person would point at the column.
            options = ImportOptions(mapping={"#2" if job.file_format.columns > 1 else "#1": "phone"})
        await service.start_import(tx, bench.owner, runtime, job.id, options, dry_run=False)
    await run(runtime, workspace_id, job.id)
    done = await bench.get(job.id)
    assert (done.status, done.problem) == ("completed", None), case.name
    async with runtime.database.workspace(workspace_id) as tx:
        kept: int = await tx.fetchval(
            "SELECT count(*) FROM contact_import_rows WHERE import_id = $1 AND outcome IN ('invalid', 'duplicate')",
            job.id,
        )
        pieces = [piece async for piece in await error_file(runtime, tx, bench.owner, job.id, "en")]
    assert kept == done.counts.get("invalid", 0) + done.counts.get("duplicate", 0), case.name
    if kept:
        await reimport(bench, blocks(b"".join(pieces)), case.name)
    return done.counts.get("rows", 0), sum(done.counts.get(name, 0) for name in OUTCOMES)


async def reimport(bench: Bench, body: AsyncIterator[bytes], name: str) -> None:
    """The error file is a list that can be imported again."""
    async with bench.runtime.database.workspace(bench.workspace.id) as tx:
        job = await service.upload(tx, bench.owner, bench.runtime, "errors.csv", body)
    assert job.file_format.columns > 1, name


async def test_no_broken_file_ends_an_import_badly_and_every_row_is_accounted_for(
    runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    bench, cases = Bench(runtime, workspace), corpus()
    assert len(cases) >= 195
    refused = 0
    for case in cases:
        if case.accepted is None:
            try:
                await import_case(bench, case)
            except AppError:
                refused += 1
                continue
            raise AssertionError(f"{case.name} was taken")
        rows, accounted = await import_case(bench, case)
        assert rows == accounted == case.accepted + case.rejected, case.name
    assert refused == sum(case.accepted is None for case in cases)
    await bench.assert_counts_exact()
    # A refused upload leaves no file behind.
    files = len(list((runtime.storage_dir / "imports").iterdir()))
    assert files == await bench.value("SELECT count(*) FROM contact_imports")
