"""The levels of room for data: when bulk work waits, and when it goes on."""

import shutil
from dataclasses import replace

import pytest

from blazz.kernel.config import ConfigurationError, Settings, load_settings
from blazz.kernel.db import Database
from blazz.kernel.runtime import Runtime
from blazz.kernel.space import (
    DiskUsage,
    SpaceLevel,
    StorageFull,
    next_level,
    note_space,
    read_space,
    require_space,
    show_space,
)

MB = 1024 * 1024
OK, LOW, FULL = SpaceLevel.OK, SpaceLevel.LOW, SpaceLevel.FULL


@pytest.mark.parametrize(
    ("before", "free_mb", "now"),
    [
        (OK, 5000, OK),
        (OK, 3072, OK),
        (OK, 3071, LOW),
        (LOW, 3800, LOW),
        (LOW, 3840, OK),
        (LOW, 1024, LOW),
        (LOW, 1023, FULL),
        (FULL, 1100, FULL),
        (FULL, 1279, FULL),
        (FULL, 1280, LOW),
        (FULL, 9000, OK),
        (OK, 0, FULL),
    ],
)
def test_a_level_is_left_only_when_there_is_clearly_more_room(
    settings: Settings, before: SpaceLevel, free_mb: int, now: SpaceLevel
) -> None:
    assert next_level(before, free_mb * MB, settings) is now


async def test_the_worst_level_of_any_machine_counts_while_it_is_fresh(database: Database, settings: Settings) -> None:
    async with database.system() as tx:
        assert (await read_space(tx)).level is OK
        assert await note_space(tx, DiskUsage(free_bytes=2000 * MB, total_bytes=9000 * MB), settings) == (OK, LOW)
        assert await note_space(tx, DiskUsage(free_bytes=2000 * MB, total_bytes=9000 * MB), settings) == (LOW, LOW)
        await tx.execute("INSERT INTO storage_levels (host, level, free_bytes, total_bytes) VALUES ('other', 2, 7, 9)")
        with pytest.raises(StorageFull) as refusal:
            await require_space(tx)
        assert refusal.value.data == {"retry_after_seconds": 60}
        await tx.execute("UPDATE storage_levels SET checked_at = now() - interval '3 minutes' WHERE host = 'other'")
        await require_space(tx)
        state = await read_space(tx)
        assert (state.level, state.free_bytes) == (LOW, 2000 * MB)
        assert show_space(state).startswith("low: 2000 MB free on the disk, the database has ")


async def test_a_limit_on_the_database_counts_like_a_disk(database: Database, runtime: Runtime) -> None:
    async with database.system() as tx:
        size: int = await tx.fetchval("SELECT pg_database_size(current_database())")
        roomy = DiskUsage(free_bytes=900_000 * MB, total_bytes=999_000 * MB)
        limited = runtime.settings.model_copy(update={"database_limit_mb": size // MB + 500})
        assert (await note_space(tx, roomy, limited))[1] is FULL
        assert (await note_space(tx, roomy, runtime.settings))[1] is OK
        assert ((await read_space(tx)).database_bytes or 0) >= size


def test_the_disk_of_a_folder_that_does_not_exist_yet_is_that_of_its_parent(runtime: Runtime) -> None:
    from blazz.main.disk import data_folders, disk_of, measure

    assert not runtime.settings.home.exists()
    usage = disk_of(runtime.settings)()
    assert usage.total_bytes == shutil.disk_usage("/").total or usage.total_bytes > 0
    assert measure([runtime.settings.home / "a" / "b"]).total_bytes == usage.total_bytes
    named = replace(runtime, settings=load_settings({"BLAZZ_DATABASE_URL": "postgresql://x"}, home="/nowhere"))
    assert [str(folder) for folder in data_folders(named.settings)] == ["/nowhere"]


def test_thresholds_that_contradict_each_other_are_refused(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="BLAZZ_DISK_PAUSE_MB"):
        load_settings({"BLAZZ_DISK_PAUSE_MB": "5000"}, home=settings.home)
