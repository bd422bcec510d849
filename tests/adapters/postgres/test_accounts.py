"""Root gives the server away; an ordinary user runs it as himself; nobody's folders are opened up."""

import asyncio
import os
import pwd
import stat
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from blazz.adapters.postgres import DatabaseFolderUnusable, EmbeddedPostgres
from blazz.adapters.postgres.place import Account, choose_account, reachable_engine

pytestmark = pytest.mark.usefixtures("as_root")


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _as_nobody(work: Callable[[], str]) -> str:
    """Run a function in a child process that gave up root, and return what it returned or raised."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        entry = _nobody()
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        os.environ["HOME"] = entry.pw_dir
        try:
            answer = work()
        except BaseException as error:  # noqa: BLE001 - the parent judges
            answer = f"{type(error).__name__}: {error}"
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read().decode()
    os.waitpid(child, 0)
    return answer


async def _one(url: str) -> object:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        return await connection.fetchval("SELECT 1")
    finally:
        await connection.close()


def _server_uid(postgres: EmbeddedPostgres) -> int:
    return Path(f"/proc/{postgres.pid}").stat().st_uid


async def test_root_never_runs_the_server_itself(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    assert _server_uid(postgres) != 0
    assert (postgres.data_dir / "cluster").stat().st_uid == _server_uid(postgres)


async def test_a_private_parent_folder_is_not_opened_but_worked_around(open_folder: Path) -> None:
    private = open_folder / "private"
    private.mkdir(mode=0o700)
    server = EmbeddedPostgres(private / "postgres", overflow_root=open_folder / "overflow", memory_mb=1024)
    try:
        assert await _one(server.start()) == 1
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert not (private / "postgres" / "cluster").exists()
        kept = list((open_folder / "overflow" / "databases").glob("*/PG_VERSION"))
        assert len(kept) == 1
        server.stop()
        assert await _one(server.start()) == 1
    finally:
        server.destroy()
    assert not list((open_folder / "overflow" / "databases").glob("*/PG_VERSION"))


def test_no_reachable_place_at_all_is_refused_with_the_reason(open_folder: Path) -> None:
    private = open_folder / "private"
    private.mkdir(mode=0o700)
    with pytest.raises(DatabaseFolderUnusable, match="cannot pass through"):
        EmbeddedPostgres(private / "postgres", overflow_root=private / "overflow").start()


def test_an_engine_out_of_reach_is_copied_to_where_it_can_run(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = _nobody()
    account = Account(uid=entry.pw_uid, gid=entry.pw_gid, dropped=True)
    private = open_folder / "private"
    private.mkdir(mode=0o700)
    (private / "engine" / "bin").mkdir(parents=True)
    (private / "engine" / "bin" / "postgres").write_text("#!/bin/sh\n", encoding="ascii")
    monkeypatch.setattr("blazz.adapters.postgres.place.engine_folder", lambda: private / "engine")
    copied = reachable_engine(account, open_folder / "overflow")
    assert account.run([str(copied / "bin" / "postgres")], timeout_seconds=10).returncode == 0
    assert reachable_engine(account, open_folder / "overflow") == copied


def test_an_ordinary_user_runs_the_server_as_himself(open_folder: Path) -> None:
    entry = _nobody()
    home = open_folder / "home"
    home.mkdir()
    os.chown(home, entry.pw_uid, entry.pw_gid)
    # A checkout below root's own folder is out of that user's reach; the copy made here stands in for his own.
    reachable_engine(Account(uid=entry.pw_uid, gid=entry.pw_gid, dropped=True), open_folder / "overflow")
    server = EmbeddedPostgres(home / "postgres", overflow_root=open_folder / "overflow", memory_mb=1024)

    def work() -> str:
        with server:
            uid = _server_uid(server)
            server.restart_immediate()
            return f"{uid} {asyncio.run(_one(server.url()))}"

    assert _as_nobody(work) == f"{entry.pw_uid} 1"
    assert stat.S_IMODE((home / "postgres").stat().st_mode) == 0o700
    # Root may take over; the server keeps running as the owner of its files.
    server.start()
    assert _server_uid(server) == entry.pw_uid
    server.stop()
    assert _as_nobody(work) == f"{entry.pw_uid} 1"


def test_an_ordinary_user_cannot_use_a_folder_of_somebody_else(open_folder: Path) -> None:
    (open_folder / "theirs").mkdir()
    server = EmbeddedPostgres(open_folder / "theirs")
    assert "may not write to it" in _as_nobody(server.start)
    assert "belongs to uid 0" in _as_nobody(lambda: str(choose_account(open_folder / "theirs")))
