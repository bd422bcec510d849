"""``blazz numbers add``: connect a number of Meta's Cloud API, or of a simulator for trying things out."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

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

app = make_group("add", "Connect a number.")


class SyncView(msgspec.Struct, frozen=True, kw_only=True):
    """What reading the templates brought."""

    seen: int


@app.command
def meta(
    *,
    phone_number_id: str,
    business_account_id: str,
    token_file: Path | None = None,
    token_stdin: bool = False,
    app_secret_file: Path | None = None,
    verify_token_file: Path | None = None,
    name: str = "",
    account_name: str = "",
    messages_per_second: int = 80,
    default: bool = False,
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
    token_file
        File that holds the permanent access token of a system user; without any option it is asked for, unseen.
    token_stdin
        Read the access token from stdin.
    app_secret_file
        File that holds the app secret, which proves that webhooks come from Meta; asked for when left out.
    verify_token_file
        File that holds the verify token of the webhook; one is made when left out.
    name
        What people call the number; Meta's verified name when left out.
    account_name
        What people call the account.
    messages_per_second
        How fast the number may send.
    default
        Use it wherever no number is named.

    """
    client = connect(api)
    token = read_secret("Access token", file=token_file, stdin=token_stdin)
    # A script that gives its token by file or stdin is not asked for more.
    is_asked = token_file is None and not token_stdin
    app_secret = find_secret("App secret", file=app_secret_file) if app_secret_file or is_asked else ""
    verify_token = (
        find_secret("Verify token", file=verify_token_file) if verify_token_file else secrets.token_urlsafe(18)
    )
    added = client.post(
        "/numbers",
        {
            "phone_number_id": phone_number_id,
            "account_id": business_account_id,
            "account_name": account_name,
            "access_token": token,
            "app_secret": app_secret,
            "verify_token": verify_token,
            "display_name": name,
            "messages_per_second": messages_per_second,
            "is_default": default,
        },
    )
    number = read(added, NumberView)
    account = _account(client, number.account_id)
    seen = _sync(client, number.account_id)

    def show() -> None:
        _print_added(number.id, number.phone, number.display_name, number.status, number.quality)
        if account is not None:
            say("\nEnter this in Meta's console under WhatsApp > Configuration, and subscribe to messages:")
            print_details([("callback URL", account.webhook_url), ("verify token", verify_token)])
        if not app_secret:
            say("Without an app secret, webhooks are believed only if the server itself has BLAZZ_META_APP_SECRET.")
        say(_about_templates(seen))

    webhook = {"url": account.webhook_url, "verify_token": verify_token} if account is not None else None
    give({"number": added, "webhook": webhook, "templates": seen}, show, as_json=api.as_json)


@app.command
def simulator(
    *,
    address: str = "http://127.0.0.1:8090",
    workspace: str | None = None,
    name: str = "Simulator",
    phone_number_id: str = "200000000000001",
    business_account_id: str = "100000000000001",
    token_file: Path | None = None,
    app_secret_file: Path | None = None,
    messages_per_second: int = 80,
    default: bool = False,
    shell: Shell = DEFAULT_SHELL,
) -> None:
    """Connect the number of a running `blazz simulator`, for trying everything without Meta.

    Works on the database of this machine. The simulator is told where to send its webhooks.

    Parameters
    ----------
    address
        Where the simulator listens.
    workspace
        Id or name of the workspace; may be left out when there is only one.
    name
        What people call the number.
    phone_number_id
        The simulator's id of the number.
    business_account_id
        The simulator's id of the account.
    token_file
        File that holds the simulator's access token, if it is not the usual one.
    app_secret_file
        File that holds the simulator's app secret, if it is not the usual one.
    messages_per_second
        How fast the number may send.
    default
        Use it wherever no number is named.

    """
    from blazz.cli.direct import find_workspace, on_database, operator_of
    from blazz.kernel.ids import encode_id
    from blazz.kernel.runtime import Runtime
    from blazz.main.simulator_number import SimulatorNumber, connect_simulator
    from blazz.main.wiring import Providers

    given = {
        "access_token": find_secret("Access token", file=token_file) if token_file else "",
        "app_secret": find_secret("App secret", file=app_secret_file) if app_secret_file else "",
    }
    wanted = SimulatorNumber(
        address=normalise_address(address),
        web_address=local_address(),
        display_name=name,
        account_id=business_account_id,
        number_id=phone_number_id,
        messages_per_second=messages_per_second,
        is_default=default,
        **{key: value for key, value in given.items() if value},
    )

    async def work(runtime: Runtime) -> "tuple[Number, SyncReport]":
        one = await find_workspace(runtime, workspace)
        providers = Providers(runtime.settings)
        try:
            return await connect_simulator(runtime, providers, operator_of(one), wanted)
        finally:
            await providers.aclose()

    number, report = on_database(work)
    number_id = encode_id("num", number.id)

    def show() -> None:
        _print_added(number_id, number.phone, number.display_name, number.status.value, number.quality)
        say(_about_templates(report.seen))
        say(f"The simulator sends its webhooks to {wanted.web_address}.")

    about = {"id": number_id, "phone": number.phone, "status": number.status.value, "templates": report.seen}
    give(about, show, as_json=shell.as_json)


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
