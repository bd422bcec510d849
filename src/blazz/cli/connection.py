"""Decides which server a command talks to, and with which key."""

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from cyclopts import Parameter

from blazz.cli.api_client import ApiClient
from blazz.cli.credentials import read_credentials
from blazz.cli.endings import DENIED, USAGE, CommandRefused
from blazz.cli.output import say

DEFAULT_PORT = 8080


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The options of every command that talks to a server.

    Parameters
    ----------
    server
        Address of the server; else BLAZZ_URL, the server of `blazz login`, or the one that runs here.
    key
        API key; others on this machine may see it here, so prefer `blazz login` or BLAZZ_API_KEY_FILE.
    as_json
        Print JSON on stdout.

    """

    server: str | None = None
    key: str | None = None
    as_json: Annotated[bool, Parameter(name="--json")] = False


DEFAULT_API = Api()


def connect(api: Api) -> ApiClient:
    """Make a client from the options, the environment, the stored login and the running installation, in this order.

    Raises:
        CommandRefused: there is no key, or an address that is none.

    """
    named = api.server or os.environ.get("BLAZZ_URL")
    key = api.key or _key_of_environment()
    credentials = read_credentials()
    if not named and not key and credentials.current is not None:
        # A login brings its server and its key together; a key given by hand never goes to the server of a login.
        named = credentials.current
    server = normalise_address(named) if named else local_address()
    if not key and server in credentials.servers:
        key = credentials.servers[server].key
    if not key:
        raise CommandRefused(
            f"There is no key for {server}. Run `blazz login`, or set BLAZZ_API_KEY or BLAZZ_API_KEY_FILE.\n"
            "  On the server itself, `blazz keys create` makes one.",
            DENIED,
        )
    warn_if_open(server)
    return ApiClient(server=server, key=key)


def server_of(api: Api) -> str:
    """Return the address alone, for commands that bring their own key."""
    named = api.server or os.environ.get("BLAZZ_URL")
    return normalise_address(named) if named else local_address()


def normalise_address(text: str) -> str:
    """Bring an address into the one form that logins are kept under.

    Raises:
        CommandRefused: it is no http or https address.

    """
    given = text.strip()
    parts = urlsplit((given if "://" in given else f"http://{given}").rstrip("/"))
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == -1 or parts.query or parts.username:
        raise CommandRefused(f"“{text}” is not the address of a server; write it like https://chat.example.com.", USAGE)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"


def local_address() -> str:
    """Return the address of the installation that runs on this machine, or where it would be."""
    from blazz.kernel.config import default_home

    home = Path(os.environ.get("BLAZZ_HOME") or default_home()).expanduser()
    try:
        recorded = (home / "web.address").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        recorded = ""
    return normalise_address(recorded or f"127.0.0.1:{os.environ.get('BLAZZ_PORT') or DEFAULT_PORT}")


def warn_if_open(server: str) -> None:
    """Say it when a key would travel readable for others."""
    parts = urlsplit(server)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        say(f"blazz: warning: the key travels unencrypted to {server}; use an https address.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _key_of_environment() -> str:
    key = os.environ.get("BLAZZ_API_KEY", "").strip()
    file = os.environ.get("BLAZZ_API_KEY_FILE")
    if key or not file:
        return key
    try:
        found = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandRefused(f"BLAZZ_API_KEY_FILE: cannot read {file} ({error}).", USAGE) from error
    if not found:
        raise CommandRefused(f"BLAZZ_API_KEY_FILE: {file} is empty.", USAGE)
    return found
