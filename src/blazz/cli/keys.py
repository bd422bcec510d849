"""``blazz keys``: API keys, made and revoked from the server's own shell."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from blazz.cli.endings import NOT_FOUND, USAGE, CommandRefused
from blazz.cli.output import confirm, give, make_group, plain, print_line, say
from blazz.cli.parsing import scopes_in_words
from blazz.cli.shell_options import DEFAULT_SHELL, Shell
from blazz.cli.tables import print_table

if TYPE_CHECKING:
    from blazz.domains.workspaces import ApiKey, NewApiKey, OwnedWorkspace
    from blazz.kernel.actor import Permission

app = make_group("keys", "List, create and revoke API keys. Works on the database of this machine.")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@app.command(name="list")
def list_keys(*, workspace: str | None = None, shell: Shell = DEFAULT_SHELL) -> None:
    """List the keys of a workspace, newest first, without their secrets.

    Parameters
    ----------
    workspace
        Id or name of the workspace; may be left out when there is only one.

    """
    from blazz.cli.direct import find_workspace, on_database, operator_of
    from blazz.domains.workspaces import list_keys as read_keys
    from blazz.kernel.runtime import Runtime

    async def work(runtime: Runtime) -> "list[ApiKey]":
        one = await find_workspace(runtime, workspace)
        async with runtime.database.workspace(one.workspace.id) as tx:
            return await read_keys(tx, operator_of(one))

    keys = on_database(work)

    def show() -> None:
        if not keys:
            say("There is no key yet. `blazz keys create` makes one.")
            return
        print_table(
            ["id", "name", "begins with", "state", "scopes", "used", "expires"],
            [
                (_id(key), key.name, key.hint, _state(key), scopes_in_words(key.scopes), key.used_at, key.expires_at)
                for key in keys
            ],
            wrap=["scopes"],
        )

    give([_shape(key) for key in keys], show, as_json=shell.as_json)


@app.command
def create(
    name: str,
    /,
    *,
    scope: Annotated[list[str], Parameter(name=["--scope", "-s"])],
    workspace: str | None = None,
    expires: str | None = None,
    test: bool = False,
    login: bool = False,
    shell: Shell = DEFAULT_SHELL,
) -> None:
    """Create a key. Its secret is printed this once: alone on stdout, ready for a file or `blazz login --key-stdin`.

    Parameters
    ----------
    name
        What the key is for.
    scope
        A permission such as contacts:read, a resource such as campaigns, or read or all; say it again for more.
    workspace
        Id or name of the workspace; may be left out when there is only one.
    expires
        When it ends: a time from now such as 90d or 12h, or a date such as 2027-01-31. Never, unless given.
    test
        A key for tests; it begins with blz_test.
    login
        Keep the key for the commands of this person instead of printing it.

    """
    from blazz.cli.direct import find_workspace, on_database, operator_of
    from blazz.domains.workspaces import create_key
    from blazz.kernel.ids import encode_id
    from blazz.kernel.runtime import Runtime

    scopes, ends = parse_scopes(scope), parse_expiry(expires, datetime.now(UTC))

    async def work(runtime: Runtime) -> "tuple[OwnedWorkspace, NewApiKey]":
        one = await find_workspace(runtime, workspace)
        async with runtime.database.workspace(one.workspace.id) as tx:
            return one, await create_key(tx, operator_of(one), name, scopes, is_test=test, expires_at=ends)

    one, made = on_database(work)
    key_id = encode_id("key", made.id)
    about: dict[str, object] = {
        "id": key_id,
        "name": name,
        "workspace": one.workspace.name,
        "scopes": sorted(item.value for item in scopes),
        "expires_at": plain(ends),
    }
    if login:
        from blazz.cli.login import keep

        keep(made.secret, key_id=key_id, workspace=one.workspace.name)
        give(about, lambda: None, as_json=shell.as_json)
        return

    _print_new(about, made.secret, as_json=shell.as_json)


def _print_new(about: dict[str, object], secret: str, *, as_json: bool) -> None:
    def show() -> None:
        say(f"Key {about['id']} for {about['workspace']}. Its secret is shown this once:")
        print_line(secret)

    give(about | {"secret": secret}, show, as_json=as_json)


@app.command
def revoke(key: str, /, *, workspace: str | None = None, yes: bool = False, shell: Shell = DEFAULT_SHELL) -> None:
    """Revoke a key; the next request with it is refused.

    Parameters
    ----------
    key
        The key's id.
    workspace
        Id or name of the workspace; may be left out when there is only one.
    yes
        Do not ask.

    """
    from blazz.cli.direct import find_workspace, on_database, operator_of
    from blazz.domains.workspaces import revoke_key
    from blazz.kernel.errors import NotFound
    from blazz.kernel.ids import InvalidIdError, decode_id
    from blazz.kernel.runtime import Runtime

    try:
        key_id = decode_id("key", key)
    except InvalidIdError:
        raise CommandRefused(f"“{key}” is not the id of a key; `blazz keys list` shows them.", NOT_FOUND) from None
    confirm(f"Revoke {key}? What uses it stops working at once.", yes=yes)

    async def work(runtime: Runtime) -> None:
        one = await find_workspace(runtime, workspace)
        async with runtime.database.workspace(one.workspace.id) as tx:
            try:
                await revoke_key(tx, operator_of(one), key_id)
            except NotFound:
                text = f"{one.workspace.name} has no key {key} that is still in force."
                raise CommandRefused(text, NOT_FOUND) from None

    on_database(work)
    give({"id": key, "revoked": True}, lambda: say(f"{key} is revoked."), as_json=shell.as_json)


def parse_scopes(words: Sequence[str]) -> "list[Permission]":
    """Read scopes: permissions, whole resources, ``read`` and ``all``.

    Raises:
        CommandRefused: a word names none; the text lists all of them.

    """
    from blazz.kernel.actor import Permission

    found: set[Permission] = set()
    for word in (part.strip() for item in words for part in item.split(",")):
        fitting = {
            item
            for item in Permission
            if word in {"all", item.value, item.value.partition(":")[0], item.value.partition(":")[2]}
            and (word != item.value.partition(":")[2] or word == "read")
        }
        if not fitting:
            known = "\n".join(f"  {item.value}" for item in Permission)
            raise CommandRefused(f"There is no scope “{word}”. There are: all, read, or\n{known}", USAGE)
        found |= fitting
    return sorted(found)


def parse_expiry(text: str | None, now: datetime) -> datetime | None:
    """Read when a key ends; None is never.

    Raises:
        CommandRefused: it is neither a time from now nor a date, or it has passed.

    """
    if text is None:
        return None
    unit = _UNITS.get(text[-1:])
    try:
        if unit is not None and text[:-1].isdecimal() and len(text) <= 6:
            ends = now + int(text[:-1]) * unit
        else:
            ends = datetime.fromisoformat(text)
            ends = ends if ends.tzinfo else ends.astimezone()
    except ValueError:
        raise CommandRefused(f"“{text}” is no time; write it like 90d, 12h or 2027-01-31.", USAGE) from None
    if ends <= now:
        raise CommandRefused(f"{text} has passed; the key would be dead at once.", USAGE)
    return ends


def _state(key: "ApiKey") -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is not None and key.expires_at <= datetime.now(UTC):
        return "expired"
    return "test" if key.is_test else "live"


def _id(key: "ApiKey") -> str:
    from blazz.kernel.ids import encode_id

    return encode_id("key", key.id)


def _shape(key: "ApiKey") -> dict[str, object]:
    return {
        "id": _id(key),
        "name": key.name,
        "hint": key.hint,
        "state": _state(key),
        "is_test": key.is_test,
        "scopes": list(key.scopes),
        "created_at": plain(key.created_at),
        "expires_at": plain(key.expires_at),
        "used_at": plain(key.used_at),
        "revoked_at": plain(key.revoked_at),
    }
