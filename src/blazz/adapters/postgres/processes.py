"""Processes of the server as the operating system sees them: the postmaster, and orphans a kill left behind."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from blazz.adapters.parent_death import die_with_parent
from blazz.adapters.postgres.place import SERVER_ENVIRONMENT, Account

_POLL_SECONDS = 0.02


class Postmaster:
    """A running server that this process started.

    The server dies with its parent, also when the parent is killed. The kernel ties that to the thread which forked,
    so a thread of its own forks, and then waits for the server to end.
    """

    def __init__(self, command: list[str], account: Account, log_path: Path) -> None:
        """Start the server; its own log goes to ``log_path``.

        Raises:
            OSError: the program cannot be started.

        """
        self.exited = threading.Event()
        self._forked = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._error: OSError | None = None
        self._thread = threading.Thread(
            target=self._run, args=(command, account, log_path), name="postgres-parent", daemon=True
        )
        self._thread.start()
        self._forked.wait()
        if self._error is not None:
            raise self._error

    @property
    def pid(self) -> int:
        """Process id of the postmaster."""
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Tell whether the server exists; the thread that waits for its end may not have woken up yet."""
        if self.exited.is_set():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    @property
    def returncode(self) -> int | None:
        """Exit code once the server has ended."""
        return self._process.returncode if self._process is not None and self.exited.is_set() else None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; a server that has ended is left alone."""
        if not self.exited.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _run(self, command: list[str], account: Account, log_path: Path) -> None:
        try:
            with log_path.open("ab") as log:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=SERVER_ENVIRONMENT,
                    cwd="/",
                    umask=0o077,
                    start_new_session=True,
                    user=account.uid if account.dropped else None,
                    group=account.gid if account.dropped else None,
                    extra_groups=[] if account.dropped else None,
                    # SIGINT is a fast shutdown: the next start needs no crash recovery.
                    preexec_fn=die_with_parent(os.getpid(), signal.SIGINT),  # noqa: PLW1509 - only a system call
                )
        except OSError as error:
            self._error = error
            return
        finally:
            self._forked.set()
        self._process.wait()
        self.exited.set()


def postmaster_pid(cluster: Path) -> int | None:
    """Return the pid of the living server of a cluster; None when its pid file is absent or stale.

    A pid that the system gave to another program since does not count.
    """
    lines = _pid_file(cluster)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    return pid if _serves(pid, cluster) else None


def is_ready(cluster: Path, pid: int) -> bool:
    """Tell whether the server with this pid says it accepts connections."""
    lines = _pid_file(cluster)
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def stop_leftovers(cluster: Path, *, patience_seconds: float) -> bool:
    """End every server process still working on a cluster whose owner is gone, then drop its stale pid file.

    Returns:
        True when something was found running.

    """
    pid = postmaster_pid(cluster)
    found = pid is not None
    if pid is not None:
        for number, patience in ((signal.SIGINT, patience_seconds), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                # A stopped process ignores everything until it continues.
                os.kill(pid, number)
                os.kill(pid, signal.SIGCONT)
            if _wait_until(lambda: not _serves(pid, cluster), patience):
                break
    orphans = _backends(cluster)
    for orphan in orphans:
        with contextlib.suppress(ProcessLookupError):
            os.kill(orphan, signal.SIGKILL)
    _wait_until(lambda: not _backends(cluster), 10.0)
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    return found or bool(orphans)


def _pid_file(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _serves(pid: int, cluster: Path) -> bool:
    """Tell whether a living process has the cluster as its working folder, as every server process has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
        return state not in {"Z", "X"} and Path(f"/proc/{pid}/cwd").samefile(cluster)
    except OSError:
        return False


def _backends(cluster: Path) -> list[int]:
    own = os.getpid()
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if pid != own and _is_postgres(pid) and _serves(pid, cluster)]


def _is_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip() == "postgres"
    except OSError:
        return False


def _wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
