"""``blazz numbers add``: connect a number of Meta's Cloud API, or of a simulator for trying things out."""

from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING

import msgspec
from cyclopts import Parameter

from blazz.cli.api_client import ApiClient, read
from blazz.cli.connection import DEFAULT_API, Api, connect, local_address, normalise_address
from blazz.cli.endings import CommandRefused
from blazz.cli.output import give, make_group, say
from blazz.cli.private_input import find_secret, read_secret
from blazz.cli.shell_options import DEFAULT_SHELL, Shell
from blazz.cli.tables import print_details
from blazz.cli.views import AccountsView, AccountView, NumberView

if TYPE_CHECKING:
    from blazz.domains.channels import Number
    from blazz.domains.templates import SyncReport
    from blazz.main.simulator_number import SimulatorNumber

app = make_group("add", "Connect a number.")


class SyncView(msgspec.Struct, frozen=True, kw_only=True):
    """What reading the templates brought."""

    seen: int


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a number is used.

    Parameters
    ----------
    name
        What people call the number; what WhatsApp has verified, when left out.
    messages_per_second
        How fast the number may send; 80 when left out.
    default
        Use it wherever no number is named.

    """

    name: str = ""
    messages_per_second: int = 80
    default: bool = False


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Where credentials come from.

    Parameters
    ----------
    token_file
        File that holds the permanent access token of a system user; without any option it is asked for, unseen.
    token_stdin
        Read the access token from stdin.
    app_secret_file
        File that holds the app secret, which proves that webhooks come from Meta; asked for when left out.
    verify_token_file
        File that holds the verify token of the webhook; one is made when left out.

    """

    token_file: Path | None = None
    token_stdin: bool = False
    app_secret_file: Path | None = None
    verify_token_file: Path | None = None


_USUAL, _ASKED = Settings(), Secrets()


@app.command
def meta(
    *,
    phone_number_id: str,
    business_account_id: str,
    secrets: Secrets = _ASKED,
    settings: Settings = _USUAL,
    account_name: str = "",
    api: Api = DEFAULT_API,
) -> None:
    """Connect a number of Meta's Cloud API.

    Meta is asked first: with a token that is wrong, or a number it does not know, nothing is stored. Then the webhook
    to enter in Meta's console is shown, and the templates are read.

    Parameters
    ----------
    phone_number_id
        Meta's id of the number, from WhatsApp > API Setup.
    business_account_id
        Meta's id of the WhatsApp Business account, from the same page.
    account_name
        What people call the account.

    """
    client = connect(api)
    held = _read_secrets(secrets)
    added = client.post(
        "/numbers",
        {
            "phone_number_id": phone_number_id,
            "account_id": business_account_id,
            "account_name": account_name,
            "display_name": settings.name,
            "messages_per_second": settings.messages_per_second,
            "is_default": settings.default,
            **held,
        },
    )
    number = read(added, NumberView)
    account = _account(client, number.account_id)
    seen = _sync(client, number.account_id)
    webhook = None if account is None else {"url": account.webhook_url, "verify_token": held["verify_token"]}

    def show() -> None:
        _print_added(number.id, number.phone, number.display_name, number.status, number.quality)
        if webhook is not None:
            say("\nEnter this in Meta's console under WhatsApp > Configuration, and subscribe to messages:")
            print_details([("callback URL", webhook["url"]), ("verify token", webhook["verify_token"])])
        if not held["app_secret"]:
            say("Without an app secret, webhooks are believed only if the server itself has BLAZZ_META_APP_SECRET.")
        say(_about_templates(seen))

    give({"number": added, "webhook": webhook, "templates": seen}, show, as_json=api.as_json)


def _read_secrets(given: Secrets) -> dict[str, str]:
    token = read_secret("Access token", file=given.token_file, stdin=given.token_stdin)
    # A script that gives its token by file or stdin is not asked for more.
    is_asked = given.token_file is None and not given.token_stdin
    app_secret = find_secret("App secret", file=given.app_secret_file) if given.app_secret_file or is_asked else ""
    chosen = given.verify_token_file
    verify_token = find_secret("Verify token", file=chosen) if chosen else token_urlsafe(18)
    return {"access_token": token, "app_secret": app_secret, "verify_token": verify_token}


@app.command
def simulator(
    *,
    address: str = "http://127.0.0.1:8090",
    workspace: str | None = None,
    phone_number_id: str | None = None,
    business_account_id: str | None = None,
    token_file: Path | None = None,
    app_secret_file: Path | None = None,
    settings: Settings = _USUAL,
    shell: Shell = DEFAULT_SHELL,
) -> None:
    """Connect the number of a running `blazz simulator`, for trying everything without Meta.

    Works on the database of this machine. The simulator is told where to send its webhooks.

    Parameters
    ----------
    address
        Where the simulator listens; http://127.0.0.1:8090 when left out.
    workspace
        Id or name of the workspace; may be left out when there is only one.
    phone_number_id
        The simulator's id of the number, if it is not the usual one.
    business_account_id
        The simulator's id of the account, if it is not the usual one.
    token_file
        File that holds the simulator's access token, if it is not the usual one.
    app_secret_file
        File that holds the simulator's app secret, if it is not the usual one.

    """
    from blazz.kernel.ids import encode_id
    from blazz.main.simulator_number import SimulatorNumber

    given = {
        "account_id": business_account_id,
        "number_id": phone_number_id,
        "access_token": find_secret("Access token", file=token_file) if token_file else None,
        "app_secret": find_secret("App secret", file=app_secret_file) if app_secret_file else None,
    }
    wanted = SimulatorNumber(
        address=normalise_address(address),
        web_address=local_address(),
        display_name=settings.name or "Simulator",
        messages_per_second=settings.messages_per_second,
        is_default=settings.default,
        **{key: value for key, value in given.items() if value is not None},
    )
    number, report = _connect_simulator(wanted, workspace)
    number_id = encode_id("num", number.id)

    def show() -> None:
        _print_added(number_id, number.phone, number.display_name, number.status.value, number.quality)
        say(_about_templates(report.seen))
        say(f"The simulator sends its webhooks to {wanted.web_address}.")

    about = {"id": number_id, "phone": number.phone, "status": number.status.value, "templates": report.seen}
    give(about, show, as_json=shell.as_json)


def _connect_simulator(wanted: "SimulatorNumber", workspace: str | None) -> "tuple[Number, SyncReport]":
    from blazz.cli.direct import find_workspace, on_database, operator_of
    from blazz.kernel.runtime import Runtime
    from blazz.main.simulator_number import connect_simulator
    from blazz.main.wiring import Providers

    async def work(runtime: Runtime) -> "tuple[Number, SyncReport]":
        one = await find_workspace(runtime, workspace)
        providers = Providers(runtime.settings)
        try:
            return await connect_simulator(runtime, providers, operator_of(one), wanted)
        finally:
            await providers.aclose()

    return on_database(work)


def _print_added(number_id: str, phone: str | None, name: str, status: str, quality: str) -> None:
    print_details([("id", number_id), ("phone", phone), ("name", name), ("status", status), ("quality", quality)])
    say("Connected.")


def _account(client: ApiClient, account_id: str) -> AccountView | None:
    accounts = read(client.get("/accounts"), AccountsView).data
    return next((one for one in accounts if one.id == account_id), None)


def _sync(client: ApiClient, account_id: str) -> int | None:
    try:
        return read(client.post("/templates/sync", {"account_id": account_id}), SyncView).seen
    except CommandRefused as refused:
        # The number is connected all the same, and templates can be read at any time.
        say(f"blazz: the templates were not read: {refused}")
        return None


def _about_templates(seen: int | None) -> str:
    if seen is None:
        return "Read the templates later with `blazz templates sync`."
    return f"{seen} templates were read; `blazz templates list` shows them."
