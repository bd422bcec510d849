"""A cluster's files: made once by initdb, configured at every start."""

import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from blazz.adapters.postgres.errors import DatabaseNotStarted, DatabaseVersionMismatch
from blazz.adapters.postgres.place import MAJOR, Account
from blazz.adapters.postgres.records import DATABASE_NAME, SUPERUSER

# The path of a unix socket may hold 107 bytes, of which PostgreSQL's own name takes 15.
_LONGEST_SOCKET_FOLDER = 90
_TOOL_SECONDS = 180.0
_HBA = """# Written by Blazz at every start. Everybody gives a password, on every way in.
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""


def require_major(cluster: Path) -> None:
    """Refuse files of another PostgreSQL major version.

    Raises:
        DatabaseVersionMismatch: naming both versions; nothing was touched.

    """
    found = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != str(MAJOR):
        raise DatabaseVersionMismatch(folder=str(cluster), found=found, expected=str(MAJOR))


def make_cluster(cluster: Path, engine: Path, account: Account, password: str) -> None:
    """Make a cluster in UTF-8 with page checksums and our database; an interrupted attempt leaves nothing half-made.

    Raises:
        DatabaseNotStarted: the server's own tools failed; carries what they said.

    """
    draft = cluster.with_name(f"{cluster.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    password_file = cluster.with_name(f"{cluster.name}.{secrets.token_hex(4)}.pw")
    try:
        draft.mkdir(mode=0o700)
        account.give(draft)
        password_file.touch(mode=0o600)
        password_file.write_text(password + "\n", encoding="ascii")
        account.give(password_file)
        _run_tool([str(engine / "bin" / "initdb"), *_initdb_options(draft, password_file)], account)
        # Single-user mode makes the database before anybody can connect.
        alone = [str(engine / "bin" / "postgres"), "--single", "-j", "-D", str(draft), "postgres"]
        _run_tool(alone, account, typed=f"CREATE DATABASE {DATABASE_NAME};\n")
        draft.rename(cluster)
    except OSError as error:
        raise DatabaseNotStarted(reason=f"{cluster}: {error.strerror}") from error
    finally:
        password_file.unlink(missing_ok=True)
        shutil.rmtree(draft, ignore_errors=True)


def _initdb_options(folder: Path, password_file: Path) -> list[str]:
    return [
        f"--pgdata={folder}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        # Sorting that is the same on every machine and never changes with the system's libraries.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        "--no-instructions",
    ]


def _run_tool(command: list[str], account: Account, typed: str = "") -> None:
    name = Path(command[0]).name
    try:
        done = account.run(command, timeout_seconds=_TOOL_SECONDS, typed=typed)
    except subprocess.TimeoutExpired as error:
        raise DatabaseNotStarted(reason=f"{name} took longer than {_TOOL_SECONDS:.0f} s") from error
    # Single-user mode exits with 0 after a refused statement; its complaint is in what it says.
    if done.returncode != 0 or "ERROR:" in done.stderr:
        raise DatabaseNotStarted(reason=f"{name}: {done.stderr.strip() or done.stdout.strip()}")


def configure(cluster: Path, account: Account, settings: Mapping[str, str]) -> None:
    """Write our settings and access rules; ``postgresql.auto.conf`` (ALTER SYSTEM) still overrides them."""
    lines = [f"{name} = {_quoted(value)}" for name, value in sorted(settings.items())]
    _write(cluster / "postgresql.conf", "# Written by Blazz at every start.\n" + "\n".join(lines) + "\n", account)
    _write(cluster / "pg_hba.conf", _HBA, account)


def free_port(preferred: int | None) -> int:
    """Return the preferred loopback port when nobody listens there, else one the system finds free."""
    for wanted in (preferred, 0):
        if wanted is None:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            port: int = probe.getsockname()[1]
            return port
    raise DatabaseNotStarted(reason="no free port on 127.0.0.1")


def socket_folder(cluster: Path, recorded: str | None, account: Account) -> Path:
    """Return a private folder for the unix socket, short enough for the system's limit."""
    folder = cluster.parent / f"{cluster.name}.run"
    if len(str(folder).encode()) > _LONGEST_SOCKET_FOLDER:
        kept = Path(recorded) if recorded else None
        usable = kept is not None and kept.is_dir() and not kept.is_symlink() and kept.stat().st_uid == account.uid
        folder = kept if kept is not None and usable else Path(tempfile.mkdtemp(prefix="blazz-"))
    folder.mkdir(mode=0o700, exist_ok=True)
    account.give(folder)
    return folder


def _write(path: Path, content: str, account: Account) -> None:
    draft = path.with_name(path.name + ".new")
    draft.write_text(content, encoding="utf-8")
    draft.chmod(0o600)
    account.give(draft)
    draft.replace(path)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
