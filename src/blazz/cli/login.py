"""``blazz login``: keep a key for a server, given or made by signing in."""

import platform
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import msgspec

from blazz.cli.api_client import ApiClient, Call, read
from blazz.cli.connection import DEFAULT_API, Api, server_of, warn_if_open
from blazz.cli.credentials import Login, read_credentials, with_login, write_credentials
from blazz.cli.endings import DENIED, NOT_FOUND, USAGE, CommandRefused
from blazz.cli.output import give, make_group, say
from blazz.cli.private_input import read_secret

app = make_group("login")
_KEY_LIFE = timedelta(days=90)


class OwnWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace of the person who signs in, with what they may do there."""

    id: str
    name: str
    role: str
    permissions: list[str]


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A fresh key."""

    id: str
    secret: str


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """An open session."""

    name: str
    csrf_token: str


class WorkspaceName(msgspec.Struct, frozen=True, kw_only=True):
    """The workspace of a key."""

    id: str
    name: str


@app.default
def login(
    *,
    email: str | None = None,
    workspace: str | None = None,
    key_file: Path | None = None,
    key_stdin: bool = False,
    password_file: Path | None = None,
    password_stdin: bool = False,
    api: Api = DEFAULT_API,
) -> None:
    """Keep a key for a server in a file that only you can read, after asking the server whether it is good.

    Give a key (it is asked for, unseen), or sign in with --email: then a key with your rights is made, good for 90
    days, and `blazz logout` revokes it.

    Parameters
    ----------
    email
        Sign in with this e-mail and a password instead of a key.
    workspace
        Id or name of the workspace, for people who have several.
    key_file
        File that holds the key.
    key_stdin
        Read the key from stdin.
    password_file
        File that holds the password.
    password_stdin
        Read the password from stdin.

    """
    server = server_of(api)
    warn_if_open(server)
    if email is not None:
        password = read_secret(f"Password of {email}", file=password_file, stdin=password_stdin)
        kept = _sign_in(ApiClient(server=server), email, password, workspace)
    else:
        key = api.key or read_secret(f"API key for {server}", file=key_file, stdin=key_stdin)
        kept = Login(key=key, workspace=workspace_of_key(ApiClient(server=server, key=key)))
    path = write_credentials(with_login(read_credentials(), server, kept))
    about = {"server": server, "workspace": kept.workspace, "key_id": kept.key_id, "kept_in": str(path)}
    give(about, lambda: say(_done(kept, server)), as_json=api.as_json)


def _done(kept: Login, server: str) -> str:
    if not kept.workspace:
        return f"The key is good and kept for {server}."
    return f"Signed in to {kept.workspace} at {server}."


def keep(key: str, *, key_id: str, workspace: str) -> None:
    """Keep a key that was just made on this machine for the server of this machine."""
    server = server_of(DEFAULT_API)
    path = write_credentials(with_login(read_credentials(), server, Login(key=key, key_id=key_id, workspace=workspace)))
    say(f"The key {key_id} of {workspace} is kept in {path} for {server}.")


def workspace_of_key(client: ApiClient) -> str:
    """Return the name of a key's workspace; empty when the key may not read it.

    Raises:
        CommandRefused: the key is not good, or nothing answers.

    """
    from blazz.cli.problems import ServerRefused

    try:
        return read(client.get("/workspaces/current"), WorkspaceName).name
    except ServerRefused as refused:
        if refused.status == 403:
            return ""
        raise


def _sign_in(client: ApiClient, email: str, password: str, wanted: str | None) -> Login:
    body = msgspec.json.encode({"email": email, "password": password})
    answer = client.send(
        Call(method="POST", path="/auth/login", headers={"Content-Type": "application/json"}, body=lambda: body)
    )
    session = read(answer.json(), Session)
    cookies = SimpleCookie(answer.headers.get("set-cookie", ""))
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
    inside = ApiClient(server=client.server, cookie=cookie, csrf_token=session.csrf_token)
    try:
        own = _choose(read(inside.get("/workspaces"), list[OwnWorkspace]), wanted)
        if "keys:manage" not in own.permissions:
            text = f"Your role in {own.name} ({own.role}) may not make keys. Ask an owner or admin for one."
            raise CommandRefused(text, DENIED)
        wish = {
            "name": f"blazz login on {platform.node()[:60] or 'a machine'}",
            "scopes": own.permissions,
            "expires_at": (datetime.now(UTC) + _KEY_LIFE).isoformat(),
        }
        made = read(inside.post(f"/workspaces/{own.id}/keys", wish), NewKey)
    finally:
        # The session served to make the key and is of no further use.
        inside.send(Call(method="POST", path="/auth/logout"))
    return Login(key=made.secret, key_id=made.id, workspace=own.name)


def _choose(own: list[OwnWorkspace], wanted: str | None) -> OwnWorkspace:
    fitting = own if wanted is None else [one for one in own if wanted.casefold() in {one.id, one.name.casefold()}]
    if len(fitting) == 1:
        return fitting[0]
    listed = "\n".join(f"  {one.id}  {one.name}" for one in own)
    if not own:
        raise CommandRefused("You belong to no workspace on this server.", NOT_FOUND)
    if not fitting:
        raise CommandRefused(f"You have no workspace “{wanted}”. You have:\n{listed}", NOT_FOUND)
    raise CommandRefused(f"Say which workspace with --workspace:\n{listed}", USAGE)
