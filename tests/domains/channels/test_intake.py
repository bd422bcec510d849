"""Webhooks are durable before the answer, with the database and without it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from blazz.domains.channels.errors import IntakeUnavailable
from blazz.domains.channels.intake import WebhookIntake
from blazz.domains.channels.spool import Spool, SpoolNotWritableError, unpack_segment
from blazz.kernel.db import Database
from tests.domains.channels.support import FailingDatabase, failing_twin, stored_bodies


@pytest.fixture
async def shaky(database: Database) -> AsyncIterator[FailingDatabase]:
    twin = await failing_twin(database)
    yield twin
    await asyncio.wait_for(twin.close(), 10)


def make_intake(database: Database, folder: Path) -> WebhookIntake:
    return WebhookIntake(database, folder, insert_timeout_seconds=0.05, drain_interval_seconds=0.01)


def waiting_on_disk(folder: Path) -> int:
    return sum(len(unpack_segment(path.read_bytes())[0]) for path in segments(folder))


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.spool"))


async def until_drained(folder: Path) -> None:
    async with asyncio.timeout(20):
        while segments(folder):  # noqa: ASYNC110 - files tell no event when they go
            await asyncio.sleep(0.01)


async def test_a_burst_is_stored_whole_and_once(database: Database, tmp_path: Path) -> None:
    intake = WebhookIntake(database, tmp_path)
    await intake.start()
    await asyncio.gather(*(intake.accept("meta_cloud", b"%d" % number) for number in range(2000)))
    assert sorted(map(int, await stored_bodies(database))) == list(range(2000))
    assert waiting_on_disk(tmp_path) == 0
    await intake.stop()
    with pytest.raises(IntakeUnavailable):
        await intake.accept("meta_cloud", b"too late")


async def test_deliveries_wait_on_disk_while_the_database_is_away(
    shaky: FailingDatabase, database: Database, tmp_path: Path
) -> None:
    intake = make_intake(shaky, tmp_path)
    await intake.start()
    shaky.away = True
    await asyncio.gather(*(intake.accept("meta_cloud", b"%d" % number) for number in range(300)))
    assert waiting_on_disk(tmp_path) == 300
    assert await stored_bodies(database) == []
    shaky.away = False
    await until_drained(tmp_path)
    assert sorted(map(int, await stored_bodies(database))) == list(range(300))
    assert not intake.database_away
    await intake.accept("meta_cloud", b"after")
    assert len(await stored_bodies(database)) == 301
    await intake.stop()


async def test_a_frozen_database_does_not_hold_the_answer(
    shaky: FailingDatabase, database: Database, tmp_path: Path
) -> None:
    intake = make_intake(shaky, tmp_path)
    await intake.start()
    shaky.frozen = True
    async with asyncio.timeout(5):
        await intake.accept("meta_cloud", b"patient")
    assert waiting_on_disk(tmp_path) == 1
    await intake.stop()
    assert waiting_on_disk(tmp_path) == 1, "a stop keeps what is on the disk"


async def test_a_locked_table_sends_deliveries_to_the_disk_and_each_is_stored_once(
    database: Database, tmp_path: Path
) -> None:
    intake = make_intake(database, tmp_path)
    await intake.start()
    async with database.system() as tx:
        await tx.execute("LOCK TABLE webhook_deliveries IN SHARE MODE")
        async with asyncio.timeout(5):
            await asyncio.gather(*(intake.accept("meta_cloud", b"%d" % number) for number in range(50)))
        assert waiting_on_disk(tmp_path) == 50
    await until_drained(tmp_path)
    assert sorted(map(int, await stored_bodies(database))) == list(range(50))
    await intake.stop()


async def test_a_restart_drains_what_the_last_run_left(
    shaky: FailingDatabase, database: Database, tmp_path: Path
) -> None:
    shaky.away = True
    first = make_intake(shaky, tmp_path)
    await first.start()
    await first.accept("meta_cloud", b"left behind")
    await first.stop()
    second = make_intake(database, tmp_path)
    await second.start()
    await until_drained(tmp_path)
    assert await stored_bodies(database) == [b"left behind"]
    await second.stop()


async def test_a_kill_between_insert_and_delete_makes_no_second_row(
    shaky: FailingDatabase, database: Database, tmp_path: Path
) -> None:
    shaky.away = True
    first = make_intake(shaky, tmp_path)
    await first.start()
    await first.accept("meta_cloud", b"once")
    await first.stop()
    kept = {path: path.read_bytes() for path in segments(tmp_path)}
    assert len(kept) == 1
    for _ in range(2):
        intake = make_intake(database, tmp_path)
        await intake.start()
        await until_drained(tmp_path)
        await intake.stop()
        assert await stored_bodies(database) == [b"once"]
        # The file is back as if the process had died before it could delete it.
        for path, data in kept.items():
            path.write_bytes(data)


async def test_a_torn_segment_of_a_killed_writer_is_drained_up_to_the_tear(
    shaky: FailingDatabase, database: Database, tmp_path: Path
) -> None:
    shaky.away = True
    first = make_intake(shaky, tmp_path)
    await first.start()
    await first.accept("meta_cloud", b"whole")
    await first.stop()
    (path,) = segments(tmp_path)
    path.write_bytes(path.read_bytes() + path.read_bytes()[:-3])
    second = make_intake(database, tmp_path)
    await second.start()
    await until_drained(tmp_path)
    assert await stored_bodies(database) == [b"whole"]
    assert path.with_suffix(".damaged").exists()
    await second.stop()


async def test_without_database_and_disk_the_sender_is_told_to_try_again(
    shaky: FailingDatabase, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = make_intake(shaky, tmp_path)
    await intake.start()
    shaky.away = True

    def fail(spool: Spool, deliveries: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Spool, "append", fail)
        with pytest.raises(IntakeUnavailable):
            await intake.accept("meta_cloud", b"nowhere")
    shaky.away = False
    await intake.accept("meta_cloud", b"again")
    await until_drained(tmp_path)
    assert await stored_bodies(database) == [b"again"]
    await intake.stop()


async def test_an_intake_without_a_writable_spool_does_not_start(database: Database, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SpoolNotWritableError):
        WebhookIntake(database, tmp_path / "file")
