"""What the data folder remembers of its server: place, port, password, and who owns it."""

import contextlib
import fcntl
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

import msgspec

from blazz.adapters.postgres.errors import DatabaseFolderInUse, DatabaseFolderUnusable

DATABASE_NAME = "blazz"
SUPERUSER = "postgres"
_RECORD = "server.json"
_PASSWORD = "superuser.password"  # noqa: S105 - a file name
_OWNER = "owner.lock"


class ServerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Where the server of a data folder lives; ``cluster`` is relative unless it had to move elsewhere."""

    cluster: str
    port: int
    socket_dir: str
    major: int


def read_record(data_dir: Path) -> ServerRecord | None:
    """Return what was recorded, or None for a folder without a server.

    Raises:
        DatabaseFolderUnusable: when the record is damaged or may not be read.

    """
    try:
        return msgspec.json.decode((data_dir / _RECORD).read_bytes(), type=ServerRecord)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DatabaseFolderUnusable(folder=str(data_dir), reason=f"{_RECORD}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise DatabaseFolderUnusable(folder=str(data_dir), reason=f"{_RECORD} is damaged ({error})") from error


def write_record(data_dir: Path, record: ServerRecord) -> None:
    """Replace the record in one step, so that a reader never sees half of it."""
    _replace(data_dir / _RECORD, msgspec.json.format(msgspec.json.encode(record)) + b"\n", mode=0o644)


def ensure_password(data_dir: Path) -> str:
    """Return the superuser's password, made at first use and readable only by the folder's owner."""
    path = data_dir / _PASSWORD
    with contextlib.suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    made = secrets.token_urlsafe(32)
    _replace(path, made.encode() + b"\n", mode=0o600)
    return made


def recorded_url(data_dir: Path, database: str = DATABASE_NAME) -> str | None:
    """Return the superuser's URL of the server recorded in a data folder, or None when there is none.

    The server need not be running: connecting tells.
    """
    record = read_record(data_dir)
    if record is None:
        return None
    return server_url(ensure_password(data_dir), record.port, database)


def recorded_cluster(data_dir: Path) -> Path | None:
    """Return where the files of the recorded server lie, or None when there is none."""
    record = read_record(data_dir)
    return None if record is None else data_dir / record.cluster


def server_url(password: str, port: int, database: str) -> str:
    """Build the superuser's URL over TCP on the loopback address."""
    return f"postgresql://{SUPERUSER}:{quote(password, safe='')}@127.0.0.1:{port}/{quote(database, safe='')}"


@dataclass(slots=True)
class OwnerLock:
    """The right to start and stop the server of one data folder; the kernel frees it when the holder dies."""

    descriptor: int | None = None

    def take(self, data_dir: Path) -> Self:
        """Take the right for this process.

        Raises:
            DatabaseFolderInUse: another living process holds it.
            DatabaseFolderUnusable: the folder may not be written.

        """
        path = data_dir / _OWNER
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DatabaseFolderUnusable(folder=str(data_dir), reason=f"{_OWNER}: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise DatabaseFolderInUse(folder=str(data_dir), pid=holder or "?") from error
        share_with_folder_owner(path)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        self.descriptor = descriptor
        return self

    def release(self) -> None:
        """Give the right back; doing so twice is harmless."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


def _replace(path: Path, content: bytes, *, mode: int) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    share_with_folder_owner(draft)
    draft.replace(path)


def share_with_folder_owner(path: Path) -> None:
    """Let the owner of the folder own a file that root made in it, so that the owner can run Blazz again later."""
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid)
