"""A large file whose importer is killed again and again (failure F-16): every row accounted for, nothing doubled."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from blazz.domains.contacts import ImportOptions, get_import, start_import, upload
from blazz.kernel.runtime import Runtime
from tests.architecture.measures import ROOT
from tests.conftest import SECRET, WorkspaceFixture

ROWS, BROKEN, KILLS = 60_000, 600, 12
_IMPORTER = """
import asyncio, sys
from pathlib import Path
from uuid import UUID
from blazz.domains.contacts import run_import
from blazz.domains.contacts.imports.run import run
from blazz.kernel.clock import SystemClock
from blazz.kernel.config import load_settings
from blazz.kernel.db import Database, DatabaseUrls
from blazz.kernel.runtime import Runtime
from blazz.kernel.security import Envelope

async def main():
    app, system, home, workspace, key, secret = sys.argv[1:7]
    settings = load_settings({}, home=Path(home), secret_key=secret, environment="test")
    database = await Database(DatabaseUrls(app=app, system=system, owner=system, queue=system)).open()
    runtime = Runtime(settings=settings, database=database, clock=SystemClock(), envelope=Envelope(settings.key))
    await run(runtime, int(workspace), UUID(key))
    await database.close()
    # The kernel's own record of this program's peak; getrusage would begin with the memory of whoever started it.
    status = Path("/proc/self/status").read_text()
    print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))

asyncio.run(main())
"""


def write_file(path: Path) -> None:
    """Write rows with distinct numbers; every hundredth has none."""
    with path.open("w", encoding="utf-8") as file:
        file.write("nama,telepon,kota\n")
        for number in range(ROWS):
            phone = "tidak ada" if number % 100 == 7 else f"0812{10_000_000 + number}"
            file.write(f"Orang {number},{phone},Bandung\n")


@pytest.mark.slow
async def test_every_row_is_accounted_for_through_many_kills(
    runtime: Runtime, workspace: WorkspaceFixture, tmp_path: Path
) -> None:
    source = tmp_path / "big.csv"
    await asyncio.to_thread(write_file, source)
    content = await asyncio.to_thread(source.read_bytes)

    async def blocks() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 1 << 20):
            yield content[start : start + (1 << 20)]

    async with runtime.database.workspace(workspace.id) as tx:
        made = await upload(tx, workspace.owner, runtime, "big.csv", blocks())
        await start_import(tx, workspace.owner, runtime, made.id, ImportOptions(), dry_run=False)
    kills, peak, last = 0, 0, -1
    for _ in range(KILLS * 4):
        process = await _importer(runtime, workspace, made.id)
        if kills < KILLS and (reached := await _checkpoint(runtime, made.id, past=last)) is not None:
            process.kill()
            await process.wait()
            kills, last = kills + 1, reached
            continue
        out, _ = await process.communicate()
        assert process.returncode == 0
        peak = int(out.split()[-1])
        break
    async with runtime.database.workspace(workspace.id) as tx:
        done = await get_import(tx, workspace.owner, made.id)
        stored = await tx.fetchrow("SELECT count(*) AS people, count(DISTINCT phone) AS phones FROM contacts")
    assert stored is not None
    assert done.status == "completed"
    assert done.counts["created"] + done.counts["invalid"] == done.counts["rows"] == ROWS
    assert (stored["people"], stored["phones"]) == (ROWS - BROKEN, ROWS - BROKEN)
    assert kills >= 5
    assert peak < 256 * 1024


async def _importer(runtime: Runtime, workspace: WorkspaceFixture, key: UUID) -> asyncio.subprocess.Process:
    urls = runtime.database.urls
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _IMPORTER,
        urls.app,
        urls.system,
        str(runtime.settings.home),
        str(workspace.id),
        str(key),
        SECRET,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )


async def _checkpoint(runtime: Runtime, key: UUID, *, past: int) -> int | None:
    """Wait until the import has gone past a checkpoint; None when it ended first."""
    for _ in range(1500):
        async with runtime.database.system() as tx:
            row = await tx.fetchrow("SELECT checkpoint, status FROM contact_imports WHERE id = $1", key)
        assert row is not None
        if row["status"] not in {"queued", "running"}:
            return None
        if row["checkpoint"] > past:
            return int(row["checkpoint"])
        await asyncio.sleep(0.02)
    return None
