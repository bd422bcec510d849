"""``blazz numbers``: the WhatsApp numbers of a workspace, their health and their settings."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from blazz.cli.api_client import read, segment
from blazz.cli.connection import DEFAULT_API, Api, connect
from blazz.cli.endings import USAGE, CommandRefused
from blazz.cli.finding import find_number
from blazz.cli.numbers_add import app as add_app
from blazz.cli.output import confirm, give, make_group, say, when
from blazz.cli.private_input import find_secret
from blazz.cli.tables import print_details, print_table
from blazz.cli.views import AccountsView, AccountView, NumberView

app = make_group("numbers", "Connect WhatsApp numbers and look at their health.")
app.command(add_app, name="add")


@app.command(name="list")
def list_numbers(*, api: Api = DEFAULT_API) -> None:
    """List the numbers of the workspace."""
    client = connect(api)
    found = list(client.pages("/numbers"))

    def show() -> None:
        if not found:
            say(
                "There is no number yet. `blazz numbers add meta` connects one; `blazz numbers add simulator` is for trying."
            )
            return
        print_table(
            ["id", "phone", "name", "status", "quality", "a second", "default", "trouble"],
            [
                (
                    number.id,
                    number.phone,
                    number.display_name + (" (test)" if number.is_test else ""),
                    number.status,
                    number.quality,
                    number.messages_per_second,
                    "yes" if number.is_default else "",
                    _trouble(number),
                )
                for number in (read(item, NumberView) for item in found)
            ],
            right=["a second"],
            wrap=["trouble"],
        )

    give(found, show, as_json=api.as_json)


@app.command(name="show")
def show_number(number: str, /, *, api: Api = DEFAULT_API) -> None:
    """Show one number with its health as it was last seen.

    Parameters
    ----------
    number
        Id, phone number, Meta's phone number id, or name.

    """
    client = connect(api)
    found = client.get(f"/numbers/{segment(find_number(client, number).id)}")
    accounts = read(client.get("/accounts"), AccountsView).data
    give(found, lambda: print_number(read(found, NumberView), accounts), as_json=api.as_json)


@app.command
def check(number: str | None = None, /, *, api: Api = DEFAULT_API) -> None:
    """Ask WhatsApp how a number is, now; this also reconnects a disconnected one.

    Parameters
    ----------
    number
        Id, phone number, Meta's phone number id, or name; the default number when left out.

    """
    client = connect(api)
    found = client.post(f"/numbers/{segment(find_number(client, number).id)}/check")
    accounts = read(client.get("/accounts"), AccountsView).data
    give(found, lambda: print_number(read(found, NumberView), accounts), as_json=api.as_json)


@app.command(name="set")
def set_number(
    number: str,
    /,
    *,
    name: str | None = None,
    messages_per_second: int | None = None,
    pair_interval: float | None = None,
    default: bool = False,
    api: Api = DEFAULT_API,
) -> None:
    """Change the settings of a number.

    Parameters
    ----------
    number
        Id, phone number, Meta's phone number id, or name.
    name
        What people call it.
    messages_per_second
        How fast it may send.
    pair_interval
        Seconds between two messages to the same person.
    default
        Use it wherever no number is named.

    """
    wish = {
        "display_name": name,
        "messages_per_second": messages_per_second,
        "pair_interval_seconds": pair_interval,
        "is_default": default or None,
    }
    changes = {key: value for key, value in wish.items() if value is not None}
    if not changes:
        raise CommandRefused("Say what to change; --help lists the settings.", USAGE)
    client = connect(api)
    found = client.patch(f"/numbers/{segment(find_number(client, number).id)}", changes)
    give(found, lambda: print_number(read(found, NumberView), []), as_json=api.as_json)


@app.command
def renew(
    number: str,
    /,
    *,
    token_file: Path | None = None,
    token_stdin: bool = False,
    app_secret_file: Path | None = None,
    verify_token_file: Path | None = None,
    api: Api = DEFAULT_API,
) -> None:
    """Enter new credentials for a number's account, then ask WhatsApp whether they work.

    Parameters
    ----------
    number
        Id, phone number, Meta's phone number id, or name.
    token_file
        File that holds the access token; without any option it is asked for.
    token_stdin
        Read the access token from stdin.
    app_secret_file
        File that holds the app secret.
    verify_token_file
        File that holds the verify token of the webhook.

    """
    asks = app_secret_file is None and verify_token_file is None
    given = asks or token_file is not None or token_stdin
    wish = {
        "access_token": find_secret("Access token", file=token_file, stdin=token_stdin) if given else "",
        "app_secret": find_secret("App secret", file=app_secret_file) if app_secret_file else "",
        "verify_token": find_secret("Verify token", file=verify_token_file) if verify_token_file else "",
    }
    changes = {key: value for key, value in wish.items() if value}
    if not changes:
        raise CommandRefused("Give an access token with --token-file or --token-stdin.", USAGE)
    client = connect(api)
    held = find_number(client, number)
    client.patch(f"/accounts/{segment(held.account_id)}", changes)
    found = client.post(f"/numbers/{segment(held.id)}/check")
    give(found, lambda: print_number(read(found, NumberView), []), as_json=api.as_json)


@app.command
def disconnect(number: str, /, *, api: Api = DEFAULT_API) -> None:
    """Stop sending from a number without forgetting it; `blazz numbers check` connects it again.

    Parameters
    ----------
    number
        Id, phone number, Meta's phone number id, or name.

    """
    client = connect(api)
    found = client.post(f"/numbers/{segment(find_number(client, number).id)}/disconnect")
    give(found, lambda: print_number(read(found, NumberView), []), as_json=api.as_json)


@app.command
def remove(
    number: str, /, *, yes: Annotated[bool, Parameter(name=["--yes", "-y"])] = False, api: Api = DEFAULT_API
) -> None:
    """Let go of a number; its conversations stay readable.

    Parameters
    ----------
    number
        Id, phone number, Meta's phone number id, or name.
    yes
        Do not ask.

    """
    client = connect(api)
    held = find_number(client, number)
    confirm(f"Remove {held.label}? Messages to it are no longer received here.", yes=yes)
    client.delete(f"/numbers/{segment(held.id)}")
    give({"id": held.id, "removed": True}, lambda: say(f"{held.label} is removed."), as_json=api.as_json)


def print_number(number: NumberView, accounts: list[AccountView]) -> None:
    """Print one number with what its account adds."""
    account = next((one for one in accounts if one.id == number.account_id), None)
    limit = None if account is None else account.messaging_limit
    print_details(
        [
            ("id", number.id),
            ("phone", number.phone),
            ("name", number.display_name),
            ("status", number.status),
            ("quality", number.quality),
            ("messages a second", number.messages_per_second),
            ("people a day", "unlimited" if limit == -1 else limit),
            ("default", number.is_default),
            ("for tests", number.is_test or None),
            ("trouble", _trouble(number)),
            ("account paused", account and account.paused_reason),
            ("checked", number.health_checked_at),
            ("Meta's id", number.phone_number_id),
            ("webhook", account and account.webhook_url),
        ]
    )


def _trouble(number: NumberView) -> str:
    if number.paused_reason:
        return number.paused_reason
    return f"{number.held_reason or 'held'} until {when(number.held_until)}" if number.held_until else ""
