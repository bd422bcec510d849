"""The embedded server starts, stops, is killed, and comes back with its data."""

import os
import signal
import socket
import time
from pathlib import Path

import asyncpg
import pytest

from blazz.adapters.postgres import (
    DatabaseFolderInUse,
    DatabaseFolderUnusable,
    DatabaseNotStarted,
    DatabaseVersionMismatch,
    EmbeddedPostgres,
    recorded_url,
)


async def _value(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def _keep_a_row(url: str) -> None:
    await _value(url, "CREATE TABLE kept AS SELECT 42 AS answer")


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        os.sched_yield()
    assert not Path(f"/proc/{pid}").exists()


def _kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


async def test_a_fresh_folder_becomes_a_running_server(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    assert postgres.running
    assert str(await _value(url, "SHOW server_version")).startswith("18.")
    assert await _value(url, "SELECT current_database()") == "blazz"
    assert await _value(url, "SHOW server_encoding") == "UTF8"
    assert await _value(url, "SHOW data_checksums") == "on"
    assert await _value(url, "SHOW synchronous_commit") == "on"
    assert await _value(url, "SHOW shared_buffers") == "32MB"
    assert await _value(url, "SELECT upper('é') || lower('É')") == "Éé"


async def test_the_server_listens_on_loopback_only_and_wants_the_password(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    assert await _value(url, "SHOW listen_addresses") == "127.0.0.1"
    secret = (postgres.data_dir / "superuser.password").read_text(encoding="ascii").strip()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await _value(url.replace(secret, "guessed"), "SELECT 1")


def test_the_password_is_readable_by_its_owner_only(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    assert (postgres.data_dir / "superuser.password").stat().st_mode & 0o777 == 0o600


def test_a_stopped_server_leaves_nothing_running(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    pid = postgres.pid
    postgres.stop()
    assert not postgres.running
    assert not Path(f"/proc/{pid}").exists()
    postgres.stop()


async def test_address_and_data_stay_from_start_to_start(postgres: EmbeddedPostgres) -> None:
    first = postgres.start()
    await _keep_a_row(first)
    postgres.stop()
    again = postgres.start()
    assert again == first == recorded_url(postgres.data_dir)
    assert await _value(again, "SELECT answer FROM kept") == 42
    assert postgres.start() == again


async def test_a_taken_port_moves_the_server_to_another(postgres: EmbeddedPostgres) -> None:
    first = postgres.start()
    postgres.stop()
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", int(first.rpartition(":")[2].partition("/")[0])))
        squatter.listen()
        second = postgres.start()
    assert second != first
    assert await _value(second, "SELECT 1") == 1


def test_a_second_owner_is_refused_and_told_who_is_first(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    second = EmbeddedPostgres(postgres.data_dir)
    with pytest.raises(DatabaseFolderInUse, match=str(os.getpid())):
        second.start()
    assert postgres.running
    with pytest.raises(DatabaseNotStarted):
        second.ensure_running()


async def test_committed_rows_survive_a_crash_restart(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    await _keep_a_row(url)
    before = postgres.pid
    postgres.restart_immediate()
    assert postgres.pid != before
    assert await _value(url, "SELECT answer FROM kept") == 42


async def test_a_killed_server_is_brought_back(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    await _keep_a_row(url)
    assert postgres.ensure_running() is False
    pid = postgres.pid
    os.kill(pid, signal.SIGKILL)
    _wait_until_gone(pid)
    assert postgres.ensure_running() is True
    assert await _value(url, "SELECT answer FROM kept") == 42


async def test_a_frozen_server_is_restarted_all_the_same(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    os.kill(postgres.pid, signal.SIGSTOP)
    postgres.restart_immediate()
    assert await _value(url, "SELECT 1") == 1


async def test_a_stale_pid_file_naming_a_stranger_does_not_stop_a_start(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    postgres.stop()
    pid_file = postgres.data_dir / "cluster" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{postgres.data_dir}/cluster\n", encoding="utf-8")
    assert await _value(postgres.start(), "SELECT 1") == 1


async def test_the_server_dies_with_a_killed_owner_and_starts_again(postgres: EmbeddedPostgres) -> None:
    reader, writer = os.pipe()
    owner = os.fork()
    if owner == 0:
        # The owner is killed below, so nothing here runs to an end.
        postgres.start()
        os.write(writer, str(postgres.pid).encode())
        signal.pause()
    server = int(os.read(reader, 32))
    os.close(reader)
    os.close(writer)
    _kill(owner)
    assert await _value(postgres.start(), "SELECT 1") == 1
    _wait_until_gone(server)


def test_files_of_another_major_version_are_refused_untouched(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    postgres.stop()
    version = postgres.data_dir / "cluster" / "PG_VERSION"
    version.write_text("16\n", encoding="ascii")
    with pytest.raises(DatabaseVersionMismatch, match="made by PostgreSQL 16, this Blazz brings PostgreSQL 18"):
        postgres.start()
    assert version.read_text(encoding="ascii") == "16\n"


def test_a_vanished_database_is_never_replaced_by_an_empty_one(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    postgres.stop()
    (postgres.data_dir / "cluster").rename(postgres.data_dir / "elsewhere")
    with pytest.raises(DatabaseFolderUnusable, match="is gone"):
        postgres.start()
    (postgres.data_dir / "elsewhere").rename(postgres.data_dir / "cluster")


def test_a_failing_start_shows_the_servers_own_words_and_frees_the_folder(postgres: EmbeddedPostgres) -> None:
    postgres.settings = {"shared_buffers": "a lot"}
    with pytest.raises(DatabaseNotStarted, match='invalid value for parameter "shared_buffers"'):
        postgres.start()
    postgres.settings = {}
    postgres.start()
    assert postgres.running


def test_a_half_made_cluster_is_made_anew(postgres: EmbeddedPostgres) -> None:
    draft = postgres.data_dir / "cluster.new"
    draft.mkdir(parents=True)
    postgres.data_dir.chmod(0o711)
    (draft / "PG_VERSION").write_text("18\n", encoding="ascii")
    postgres.start()
    assert not draft.exists()


def test_a_folder_without_a_server_has_no_url(open_folder: Path) -> None:
    assert recorded_url(open_folder) is None
    server = EmbeddedPostgres(open_folder / "never")
    for ask in (server.url, lambda: server.pid):
        with pytest.raises(DatabaseNotStarted):
            ask()


def test_a_damaged_record_is_named(open_folder: Path) -> None:
    (open_folder / "server.json").write_text("{", encoding="ascii")
    with pytest.raises(DatabaseFolderUnusable, match=r"server\.json is damaged"):
        recorded_url(open_folder)


def test_a_folder_that_is_a_file_is_refused(open_folder: Path) -> None:
    (open_folder / "file").touch()
    with pytest.raises(DatabaseFolderUnusable, match="Not a directory"):
        EmbeddedPostgres(open_folder / "file" / "postgres").start()


def test_a_deep_folder_gets_a_short_socket_path(postgres: EmbeddedPostgres) -> None:
    postgres.data_dir = postgres.data_dir / ("deep" * 30)
    postgres.data_dir.mkdir(parents=True)
    url = postgres.start()
    postgres.stop()
    assert postgres.start() == url
