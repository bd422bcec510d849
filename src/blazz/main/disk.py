"""Measures the disks that hold the data of this installation."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import structlog

from blazz.adapters.postgres import recorded_cluster
from blazz.kernel.config import Settings
from blazz.kernel.runtime import Runtime
from blazz.kernel.space import DiskUsage, MeasureDisk, SpaceLevel, note_space
from blazz.main.local_database import database_folder

_log = structlog.get_logger()


def measure(folders: Sequence[Path]) -> DiskUsage:
    """Measure the disks under some folders and return the one with the least room; a missing folder counts as its parent."""
    found = []
    for folder in folders:
        usage = _usage(folder)
        found.append(DiskUsage(free_bytes=usage.free, total_bytes=usage.total))
    return min(found, key=lambda usage: usage.free_bytes)


def _usage(folder: Path) -> "shutil._ntuple_diskusage":
    for path in (folder, *folder.parents):
        try:
            return shutil.disk_usage(path)
        except OSError:
            # Not made yet, or inside a folder of another account: the folder above lies on the same disk.
            continue
    return shutil.disk_usage("/")


def data_folders(settings: Settings) -> list[Path]:
    """List where data lies: the data folder, and the embedded database where that had to move elsewhere."""
    if settings.database_url is not None:
        return [settings.home]
    cluster = recorded_cluster(database_folder(settings))
    return [settings.home] if cluster is None else [settings.home, cluster]


def disk_of(settings: Settings) -> MeasureDisk:
    """Return what measures the disks of an installation."""
    return lambda: measure(data_folders(settings))


async def watch_space(runtime: Runtime, usage: DiskUsage) -> int:
    """Note what is left, and say it in the log when the level changes."""
    async with runtime.database.system() as tx:
        before, now = await note_space(tx, usage, runtime.settings)
    if now is not before:
        free_mb = usage.free_bytes // 1_048_576
        report = _log.info if now is SpaceLevel.OK else _log.warning
        report("the room for data changed", level=now.name.lower(), before=before.name.lower(), free_mb=free_mb)
    return 0
