"""Connects a simulator's number to a workspace: the number, its webhooks and its templates."""

from dataclasses import dataclass

import aiohttp

from blazz.domains.channels import (
    Credentials,
    NewAccount,
    NewNumber,
    Number,
    add_number,
    ask_health,
    make_ref,
)
from blazz.domains.templates import SyncReport, sync_templates
from blazz.kernel.actor import Actor
from blazz.kernel.errors import DependencyFailed, Message
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime
from blazz.main.wiring import Providers

_ANSWER_SECONDS = 5.0


class SimulatorAway(DependencyFailed):
    """Nothing at this address answers like a simulator."""

    code = "simulator_away"
    message = Message(
        en="No simulator answers at {address}. Start one with `blazz simulator`.",
        id="Tidak ada simulator yang menjawab di {address}. Jalankan dengan `blazz simulator`.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorNumber:
    """A number of a simulator; the defaults are those the simulator starts with."""

    address: str
    web_address: str
    display_name: str = ""
    account_id: str = "100000000000001"
    number_id: str = "200000000000001"
    access_token: str = "simulator-token"  # noqa: S105 - the simulator's own made-up credentials
    app_secret: str = "simulator-app-secret"  # noqa: S105 - the same
    verify_token: str = "simulator-verify-token"  # noqa: S105 - the same
    messages_per_second: int = 80
    is_default: bool = False


async def connect_simulator(
    runtime: Runtime, providers: Providers, actor: Actor, wanted: SimulatorNumber
) -> tuple[Number, SyncReport]:
    """Ask the simulator about the number, keep it, send the simulator's webhooks here and read its templates.

    Raises:
        SimulatorAway: nothing answers there.
        NumberNotVerified: the simulator does not know the number with these credentials.
        NumberTaken: it is connected already.

    """
    await _call(wanted.address, "GET", "/_sim/health")
    credentials = Credentials(
        access_token=wanted.access_token, app_secret=wanted.app_secret, verify_token=wanted.verify_token
    )
    provider = providers.pick("meta_cloud", wanted.address)
    seen = await ask_health(provider, make_ref(wanted.account_id, wanted.number_id, credentials))
    async with runtime.database.workspace(actor.workspace_id) as tx:
        number = await add_number(
            tx,
            actor,
            runtime.envelope,
            NewAccount(
                provider_account_id=wanted.account_id,
                name="Simulator",
                credentials=credentials,
                base_url=wanted.address,
            ),
            NewNumber(
                provider_number_id=wanted.number_id,
                display_name=wanted.display_name,
                messages_per_second=wanted.messages_per_second,
                is_default=wanted.is_default,
                is_test=True,
            ),
            seen=seen,
            checked_at=runtime.clock.now(),
        )
    callback = f"{wanted.web_address}/webhooks/meta/{encode_id('acc', number.account_id)}"
    await _call(wanted.address, "POST", "/_sim/callback", {"url": callback})
    return number, await sync_templates(runtime, actor, providers.pick, number.account_id)


async def _call(address: str, method: str, path: str, body: dict[str, str] | None = None) -> None:
    timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(method, f"{address}{path}", json=body) as answer,
        ):
            answer.raise_for_status()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise SimulatorAway(address=address) from error
