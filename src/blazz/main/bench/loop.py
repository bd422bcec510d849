"""``bench loop``: send, three statuses per message back through the front door, stored, counted and visible."""

import time
from dataclasses import dataclass

from blazz.domains.campaigns import start_campaign, verify_counters
from blazz.kernel.config import Settings
from blazz.kernel.ids import encode_id
from blazz.main.bench.place import APP_SECRET, UNDER_WAY, Place, Say, open_place, process, running, wait_for
from blazz.main.demo import free_port, make_simulator_spec
from blazz.main.installation import answers_ok


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopFigures:
    """Messages per second from the campaign running until the last read receipt is visible in its counters."""

    messages: int
    statuses: int
    messages_per_second: float
    counters_ok: bool


async def bench_loop(settings: Settings, messages: int, say: Say) -> LoopFigures:
    """Measure the whole loop on this machine: web, worker and simulator share its cores."""
    port = free_port(settings.simulator_port)
    async with open_place(settings, provider_url=f"http://127.0.0.1:{port}") as place:
        say(f"sending {messages} messages through the simulator, three statuses each")
        await place.add_people(messages)
        seconds, counters_ok = await _loop(place, messages, port)
    return LoopFigures(
        messages=messages,
        statuses=3 * messages,
        messages_per_second=round(messages / seconds, 1),
        counters_ok=counters_ok,
    )


async def _loop(place: Place, messages: int, simulator_port: int) -> tuple[float, bool]:
    campaign = await place.draft_campaign()
    settings = place.runtime.settings
    callback = f"{settings.base_url}/webhooks/meta/{encode_id('acc', place.account_id)}"
    simulator = make_simulator_spec(
        settings.home / "simulator",
        simulator_port,
        faults={
            "callback_url": callback,
            "app_secret": APP_SECRET,
            "messages_per_second": 100_000,
            "time_scale": 0.01,
            "behaviour": {"not_on_whatsapp": 0.0, "delivered": 1.0, "read": 1.0, "reply": 0.0, "opt_out": 0.0},
        },
    )
    web = process(place, "web")

    async def web_ready() -> bool:
        return await answers_ok("127.0.0.1", settings.port, "/readyz")

    web = type(web)(name=web.name, command=web.command, env=web.env, ready=web_ready)
    async with running(web, process(place, "worker", lane_backlog="10000"), simulator):
        async with place.runtime.database.workspace(place.workspace_id) as tx:
            await start_campaign(tx, place.owner, campaign.id, now=place.runtime.clock.now())

        async def is_running() -> bool:
            return (await place.watch(campaign.id))[0] in UNDER_WAY

        async def is_read() -> bool:
            stats = (await place.watch(campaign.id))[1]
            return stats.read + stats.failed >= messages

        await wait_for("preparing the campaign", is_running, seconds=120)
        started = time.monotonic()
        await wait_for("reading everything", is_read, seconds=messages / 100 + 60)
        seconds = time.monotonic() - started
    async with place.runtime.database.workspace(place.workspace_id) as tx:
        return seconds, await verify_counters(tx, campaign.id) == {}
