"""``blazz users``: the people of this instance, made and helped from the server's own shell."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from blazz.cli.output import give, make_group, plain, say
from blazz.cli.private_input import read_secret
from blazz.cli.shell_options import DEFAULT_SHELL, Shell
from blazz.cli.tables import print_details, print_table

if TYPE_CHECKING:
    from blazz.domains.identity import ListedUser

app = make_group("users", "List and create users, and give them new passwords. Works on the database of this machine.")
# Five groups of five letters and digits that cannot be mistaken for each other: 122 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@app.command(name="list")
def list_users(*, shell: Shell = DEFAULT_SHELL) -> None:
    """List everyone who can sign in."""
    from blazz.cli.direct import in_system
    from blazz.domains.identity import list_users as read_users

    users = in_system(read_users)

    def show() -> None:
        if not users:
            say("There is nobody yet. `blazz users create` makes the first user.")
            return
        print_table(
            ["id", "email", "name", "language", "operator", "password", "since"],
            [
                (
                    _id(user),
                    user.email,
                    user.name,
                    user.locale,
                    user.is_operator,
                    "disabled" if user.disabled_at else "yes" if user.has_password else "none",
                    user.created_at,
                )
                for user in users
            ],
        )

    give([_shape(user) for user in users], show, as_json=shell.as_json)


@app.command
def create(
    email: str,
    /,
    *,
    name: str,
    locale: Literal["id", "en"] = "id",
    operator: bool = False,
    password_file: Path | None = None,
    password_stdin: bool = False,
    shell: Shell = DEFAULT_SHELL,
) -> None:
    """Create a user. Without a password of your own, a strong one is made and shown this once.

    Parameters
    ----------
    email
        What the person signs in with.
    name
        The person's name.
    locale
        The person's language; id when left out.
    operator
        May look after the whole instance.
    password_file
        File that holds the password.
    password_stdin
        Read the password from stdin.

    """
    from blazz.cli.direct import in_system
    from blazz.domains.identity import create_user, get_user_by_email
    from blazz.kernel.db import SystemTx

    password, is_made = _password(password_file, stdin=password_stdin)

    async def work(tx: SystemTx) -> "ListedUser":
        await create_user(tx, email=email, name=name, password=password, locale=locale, is_operator=operator)
        return await get_user_by_email(tx, email)

    user = in_system(work)
    _tell(user, password if is_made else None, "Created.", as_json=shell.as_json)


@app.command
def reset_password(
    email: str,
    /,
    *,
    password_file: Path | None = None,
    password_stdin: bool = False,
    shell: Shell = DEFAULT_SHELL,
) -> None:
    """Give a user another password and sign them out everywhere.

    Parameters
    ----------
    email
        The user's e-mail.
    password_file
        File that holds the password; without one, a strong password is made and shown this once.
    password_stdin
        Read the password from stdin.

    """
    from blazz.cli.direct import in_system
    from blazz.domains.identity import reset_password as change
    from blazz.kernel.db import SystemTx

    password, is_made = _password(password_file, stdin=password_stdin)

    async def work(tx: SystemTx) -> "ListedUser":
        return await change(tx, email, password)

    user = in_system(work)
    _tell(user, password if is_made else None, "Changed, and signed out everywhere.", as_json=shell.as_json)


@app.command
def setup_link(*, shell: Shell = DEFAULT_SHELL) -> None:
    """Show what creates the first person and workspace; each call makes a new one and ends the last.

    Refused when the instance has people already.
    """
    from blazz.cli.direct import on_database
    from blazz.cli.endings import CONFLICT, CommandRefused
    from blazz.domains.workspaces import make_setup_token
    from blazz.kernel.config import load_settings
    from blazz.kernel.runtime import Runtime

    async def work(runtime: Runtime) -> str | None:
        async with runtime.database.system() as tx:
            return await make_setup_token(tx, runtime.clock.now())

    token = on_database(work)
    if token is None:
        raise CommandRefused(
            "This instance has people already. `blazz users reset-link` helps one of them in.", CONFLICT
        )
    url = load_settings().base_url

    def show() -> None:
        say("There is nobody here yet. This token creates the first person and workspace, once, within 7 days:")
        print_details([("token", token)])
        say(f"POST it to {url}/api/v1/auth/setup; {url}/api/docs shows the fields. Or use `blazz users create`.")

    give({"token": token, "url": f"{url}/api/v1/auth/setup"}, show, as_json=shell.as_json)


@app.command
def reset_link(email: str, /, *, shell: Shell = DEFAULT_SHELL) -> None:
    """Make a token with which a user sets a new password themselves, once, within 30 minutes.

    Parameters
    ----------
    email
        The user's e-mail.

    """
    from blazz.cli.direct import on_database
    from blazz.domains.identity import forget_tokens, get_user_by_email, make_one_time_token
    from blazz.kernel.config import load_settings
    from blazz.kernel.runtime import Runtime

    async def work(runtime: Runtime) -> str:
        async with runtime.database.system() as tx:
            user = await get_user_by_email(tx, email)
            await forget_tokens(tx, "reset", user_id=user.id)
            return await make_one_time_token(tx, "reset", runtime.clock.now(), user_id=user.id)

    token = on_database(work)
    url = load_settings().base_url

    def show() -> None:
        print_details([("token", token)])
        say(f"Hand it over in private. The user posts it with a new password to {url}/api/v1/auth/reset.")

    give({"token": token, "url": f"{url}/api/v1/auth/reset"}, show, as_json=shell.as_json)


def _password(file: Path | None, *, stdin: bool) -> tuple[str, bool]:
    if file is not None or stdin:
        return read_secret("The password", file=file, stdin=stdin), False
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(5)), True


def _tell(user: "ListedUser", made: str | None, done: str, *, as_json: bool) -> None:
    def show() -> None:
        print_details([("id", _id(user)), ("email", user.email), ("name", user.name), ("password", made)])
        say(f"{done} The password is shown this once; hand it over in private." if made else done)

    give(_shape(user) | ({"password": made} if made else {}), show, as_json=as_json)


def _id(user: "ListedUser") -> str:
    from blazz.kernel.ids import encode_id

    return encode_id("usr", user.id)


def _shape(user: "ListedUser") -> dict[str, object]:
    return {
        "id": _id(user),
        "email": user.email,
        "name": user.name,
        "locale": user.locale,
        "is_operator": user.is_operator,
        "has_password": user.has_password,
        "disabled_at": plain(user.disabled_at),
        "created_at": plain(user.created_at),
    }
