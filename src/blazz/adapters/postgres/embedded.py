"""The embedded server's life: made, started, watched, restarted, stopped."""

import os
import shutil
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from blazz.adapters.postgres import cluster as files
from blazz.adapters.postgres import place, processes
from blazz.adapters.postgres.errors import DatabaseFolderUnusable, DatabaseNotStarted
from blazz.adapters.postgres.place import Account
from blazz.adapters.postgres.processes import Postmaster
from blazz.adapters.postgres.records import (
    DATABASE_NAME,
    SUPERUSER,
    OwnerLock,
    ServerRecord,
    ensure_password,
    read_record,
    server_url,
    write_record,
)
from blazz.adapters.postgres.tuning import machine_memory_mb, tuned_settings

__all__ = ["DATABASE_NAME", "SUPERUSER", "EmbeddedPostgres"]
_STOP_SECONDS = 15.0
_QUIT_SECONDS = 5.0
_LOG_LIMIT_BYTES = 16 * 1024 * 1024


@dataclass(slots=True)
class EmbeddedPostgres:
    """A PostgreSQL 18 server whose files live under ``data_dir``; the process that starts it owns it.

    It listens on a loopback port that stays the same from start to start, and dies with its owner. Another process
    may connect through ``recorded_url`` but cannot start or stop it.
    """

    data_dir: Path
    overflow_root: Path = place.OVERFLOW_ROOT
    memory_mb: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    startup_timeout_seconds: float = 300.0
    _lock: OwnerLock = field(default_factory=OwnerLock)
    _account: Account | None = None
    _engine: Path = Path()
    _cluster: Path = Path()
    _record: ServerRecord | None = None
    _postmaster: Postmaster | None = None

    def start(self) -> str:
        """Start the server, making its files at the first start; return the superuser's URL of the database.

        Raises:
            DatabaseFolderInUse: another process owns this data folder.
            DatabaseFolderUnusable: the folder cannot be written or reached.
            DatabaseVersionMismatch: its files are of another PostgreSQL major version.
            DatabaseNotStarted: the server failed; carries the end of its log.

        """
        if self._lock.descriptor is not None:
            self.ensure_running()
            return self.url()
        self._make_data_dir()
        self._lock.take(self.data_dir)
        try:
            self._prepare()
            processes.stop_leftovers(self._cluster, patience_seconds=_STOP_SECONDS)
            self._launch()
        except BaseException:
            self.stop()
            raise
        return self.url()

    def stop(self) -> None:
        """Stop the server in order, harder when it does not listen, and give up ownership."""
        for number, patience in (
            (signal.SIGINT, _STOP_SECONDS),
            (signal.SIGQUIT, _QUIT_SECONDS),
            (signal.SIGKILL, 5.0),
        ):
            if self._postmaster is None or self._postmaster.exited.is_set():
                break
            self._postmaster.signal(number)
            self._postmaster.signal(signal.SIGCONT)
            self._postmaster.exited.wait(patience)
        if self._postmaster is not None:
            processes.stop_leftovers(self._cluster, patience_seconds=1.0)
            self._postmaster = None
        self._lock.release()

    def ensure_running(self) -> bool:
        """Bring back a server that has ended; return True when it had to be.

        Raises:
            DatabaseNotStarted: it did not come back, or this process does not own it.

        """
        if self._lock.descriptor is None:
            raise DatabaseNotStarted(reason="this process does not own the server")
        if self.running:
            return False
        processes.stop_leftovers(self._cluster, patience_seconds=1.0)
        self._launch()
        return True

    def restart_immediate(self) -> None:
        """Crash the server without a checkpoint and start it again, which recovers from its write-ahead log."""
        if self._postmaster is not None:
            self._postmaster.signal(signal.SIGQUIT)
            self._postmaster.signal(signal.SIGCONT)
            if not self._postmaster.exited.wait(10.0):
                self._postmaster.signal(signal.SIGKILL)
                self._postmaster.exited.wait(10.0)
        self.ensure_running()

    def destroy(self) -> None:
        """Stop the server and delete everything it kept, wherever it lives. There is no way back."""
        self.stop()
        record = read_record(self.data_dir)
        if record is not None:
            shutil.rmtree(self._located(record), ignore_errors=True)
            shutil.rmtree(record.socket_dir, ignore_errors=True)
        shutil.rmtree(self.data_dir, ignore_errors=True)

    @property
    def running(self) -> bool:
        """Tell whether this process has the server running."""
        return self._postmaster is not None and self._postmaster.alive

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        if self._postmaster is None:
            raise DatabaseNotStarted(reason="it is not running")
        return self._postmaster.pid

    def url(self, database: str = DATABASE_NAME) -> str:
        """Return the superuser's URL of a database on this server."""
        if self._record is None:
            raise DatabaseNotStarted(reason="it was never started")
        return server_url(ensure_password(self.data_dir), self._record.port, database)

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop the server."""
        self.stop()

    def _make_data_dir(self) -> None:
        self.data_dir = self.data_dir.expanduser().absolute()
        try:
            if not self.data_dir.exists():
                self.data_dir.mkdir(parents=True)
                # Root's server runs as another account, which must pass through but need not list.
                self.data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
        except OSError as error:
            raise DatabaseFolderUnusable(folder=str(self.data_dir), reason=error.strerror or "unknown") from error
        if not os.access(self.data_dir, os.W_OK | os.X_OK):
            raise DatabaseFolderUnusable(folder=str(self.data_dir), reason=f"uid {os.geteuid()} may not write to it")

    def _located(self, record: ServerRecord) -> Path:
        # Joining keeps an absolute path as it is: that is how a cluster under the overflow folder is written down.
        return self.data_dir / record.cluster

    def _prepare(self) -> None:
        """Find or make the cluster, and settle account, engine and place."""
        record = read_record(self.data_dir)
        known = self._located(record) if record is not None else None
        self._account = account = place.choose_account(known or self.data_dir / "cluster")
        self._engine = place.reachable_engine(account, self.overflow_root)
        if known is not None:
            if not (known / "PG_VERSION").is_file():
                # Starting empty in place of lost data would hide the loss.
                raise DatabaseFolderUnusable(folder=str(self.data_dir), reason=f"its database {known} is gone")
            files.require_major(known)
            if not account.reaches(known):
                raise DatabaseFolderUnusable(folder=str(known), reason=f"uid {account.uid} cannot reach it any more")
            self._cluster, self._record = known, record
            return
        self._cluster = place.choose_cluster_folder(self.data_dir, account, self.overflow_root)
        if not (self._cluster / "PG_VERSION").is_file():
            files.make_cluster(self._cluster, self._engine, account, ensure_password(self.data_dir))
        files.require_major(self._cluster)
        self._remember(files.free_port(None), "")

    def _remember(self, port: int, socket_dir: str) -> None:
        inside = self._cluster.is_relative_to(self.data_dir)
        cluster = str(self._cluster.relative_to(self.data_dir)) if inside else str(self._cluster)
        self._record = ServerRecord(cluster=cluster, port=port, socket_dir=socket_dir, major=place.MAJOR)
        write_record(self.data_dir, self._record)

    def _launch(self) -> None:
        """Start the server, moving to another port when ours was taken between looking and listening."""
        for attempts_left in (2, 1, 0):
            try:
                self._launch_once()
            except DatabaseNotStarted as error:
                if attempts_left and "Address already in use" in str(error):
                    continue
                raise
            return

    def _launch_once(self) -> None:
        assert self._account is not None
        assert self._record is not None
        log = self.data_dir / "server.log"
        if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".log.1"))
        socket_dir = files.socket_folder(self._cluster, self._record.socket_dir, self._account)
        self._remember(files.free_port(self._record.port), str(socket_dir))
        fixed = {
            "listen_addresses": "127.0.0.1",
            "port": str(self._record.port),
            "unix_socket_directories": str(socket_dir),
            "unix_socket_permissions": "0700",
            "password_encryption": "scram-sha-256",
        }
        tuned = tuned_settings(self.memory_mb or machine_memory_mb(), os.cpu_count() or 1)
        files.configure(self._cluster, self._account, {**tuned, **self.settings, **fixed})
        offset = log.stat().st_size if log.exists() else 0
        try:
            command = [str(self._engine / "bin" / "postgres"), "-D", str(self._cluster)]
            self._postmaster = Postmaster(command, self._account, log)
        except OSError as error:
            raise DatabaseNotStarted(reason=str(error)) from error
        self._await_ready(self._postmaster, log, offset)

    def _await_ready(self, postmaster: Postmaster, log: Path, offset: int) -> None:
        deadline = time.monotonic() + self.startup_timeout_seconds
        while not processes.is_ready(self._cluster, postmaster.pid):
            if postmaster.exited.wait(0.02):
                raise DatabaseNotStarted(reason=_tail(log, offset) or f"it ended with code {postmaster.returncode}")
            if time.monotonic() > deadline:
                reason = f"not ready after {self.startup_timeout_seconds:.0f} s. {_tail(log, offset)}"
                raise DatabaseNotStarted(reason=reason)


def _tail(log: Path, offset: int) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(offset, log.stat().st_size - 2000))
            return file.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""
