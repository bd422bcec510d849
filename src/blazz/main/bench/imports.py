"""``bench import``: a messy list through the import as people run it, in the worker, against merely parsing the file."""

import asyncio
import csv
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from blazz.domains.contacts import Import, ImportOptions, get_import, start_import, upload
from blazz.kernel.config import Settings
from blazz.main.bench.machine import peak_resident_mb
from blazz.main.bench.place import Place, Say, open_place, process, running, wait_for

_BLOCK = 262_144
_SEED = 7
_CITIES = ("Bandung", "Jakarta Selatan", "Surabaya", "Medan", "Yogyakarta", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFigures:
    """Rows of the file per second until the import is completed, and the most memory its process held."""

    rows: int
    stored: int
    refused: int
    rows_per_second: float
    peak_rss_mb: float
    baseline_per_second: float
    ratio: float


async def bench_import(settings: Settings, rows: int, say: Say) -> ImportFigures:
    """Measure an import; the baseline reads the same file with Python's own CSV reader and does nothing with it."""
    async with open_place(settings) as place:
        file = place.runtime.settings.home / "bench-import.csv"
        say(f"writing {rows} messy rows")
        await asyncio.to_thread(write_messy_list, file, rows)
        baseline = rows / await asyncio.to_thread(_parse, file)
        async with running(process(place, "worker")) as supervisor:
            say("importing")
            started = time.monotonic()
            done = await _import(place, file, rows)
            seconds = time.monotonic() - started
            peak = peak_resident_mb(supervisor.pid("worker"))
        file.unlink()
    return ImportFigures(
        rows=rows,
        stored=done.counts.get("created", 0),
        refused=done.counts.get("invalid", 0),
        rows_per_second=round(rows / seconds, 1),
        peak_rss_mb=peak,
        baseline_per_second=round(baseline, 1),
        ratio=round(rows / seconds / baseline, 3),
    )


async def _import(place: Place, file: Path, rows: int) -> Import:
    async with place.runtime.database.workspace(place.workspace_id) as tx:
        job = await upload(tx, place.owner, place.runtime, file.name, _blocks(file))
        await start_import(tx, place.owner, place.runtime, job.id, ImportOptions(consent="bench"), dry_run=False)
    done = job

    async def is_over() -> bool:
        nonlocal done
        async with place.runtime.database.workspace(place.workspace_id) as tx:
            done = await get_import(tx, place.owner, job.id)
        return done.status in {"completed", "failed", "cancelled"}

    await wait_for("importing", is_over, seconds=rows / 500 + 60)
    if done.status != "completed":
        msg = f"the import is {done.status}: {done.problem}"
        raise RuntimeError(msg)
    return done


async def _blocks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as handle:
        while block := await asyncio.to_thread(handle.read, _BLOCK):
            yield block


def write_messy_list(file: Path, rows: int) -> None:
    """Write a list as shops keep them: numbers in every spelling, one in fifty unusable, one in fifty repeated."""
    chance = random.Random(_SEED)  # noqa: S311 - the same list each time, not a secret
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, delimiter=";")
        writer.writerow(("Nama", "No HP", "Kota", "Catatan"))
        for number in range(rows):
            given = number - 1 if number and number % 50 == 0 else number
            writer.writerow(
                (f"Orang {number}", _spelled(given, chance), chance.choice(_CITIES), "lama" if number % 3 else "")
            )


def _spelled(number: int, chance: random.Random) -> str:
    if number % 50 == 17:
        return chance.choice(("-", "tidak ada", "0812", "6,28E+12"))
    rest = f"{100000000 + number * 7 % 900000000:09d}"
    return chance.choice(
        (
            f"081{rest}",
            f"6281{rest}",
            f"+62 81{rest[:1]}-{rest[1:5]}-{rest[5:]}",
            f"81{rest}",
            f"'081{rest}",
            f"6281{rest}.0",
        )
    )


def _parse(file: Path) -> float:
    started = time.monotonic()
    with file.open(encoding="utf-8", newline="") as handle:
        for _ in csv.reader(handle, delimiter=";"):
            pass
    return time.monotonic() - started
