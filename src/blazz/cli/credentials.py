"""The keys that ``blazz login`` keeps for this person, one per server, in a file nobody else can read."""

import os
import stat
import tempfile
from pathlib import Path

import msgspec

from blazz.cli.endings import DENIED, CommandRefused


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """A key for a server; ``key_id`` is set when signing in made it, so that signing out can revoke it."""

    key: str
    key_id: str | None = None
    workspace: str = ""

    def __repr__(self) -> str:
        """Show everything but the key."""
        return f"Login(workspace={self.workspace!r})"


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """All logins by the address of their server, and the server used last."""

    current: str | None = None
    servers: dict[str, Login] = {}


def credentials_path() -> Path:
    """Return where the file lies: the configuration folder of this person."""
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "blazz" / "credentials.json"


def read_credentials() -> Credentials:
    """Read the file; empty when there is none.

    Raises:
        CommandRefused: others can read it, or it is damaged.

    """
    path = credentials_path()
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except FileNotFoundError:
        return Credentials()
    except OSError as error:
        raise CommandRefused(f"Cannot read {path} ({error.strerror}).") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise CommandRefused(f"{path} holds keys and others can read it. Run: chmod 600 {path}", DENIED)
    try:
        return msgspec.json.decode(content, type=Credentials)
    except msgspec.DecodeError:
        raise CommandRefused(f"{path} is damaged. Remove it and run `blazz login` again.") from None


def write_credentials(credentials: Credentials) -> Path:
    """Replace the file as a whole, readable by its owner only."""
    path = credentials_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made with mode 0600 from the start, and complete before it takes its name.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".credentials-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(credentials), indent=2) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return path


def with_login(credentials: Credentials, server: str, login: Login) -> Credentials:
    """Add or replace the login of a server and make it the current one."""
    return Credentials(current=server, servers={**credentials.servers, server: login})


def without_login(credentials: Credentials, server: str) -> Credentials:
    """Forget the login of a server."""
    left = {name: login for name, login in credentials.servers.items() if name != server}
    return Credentials(current=credentials.current if credentials.current in left else None, servers=left)
