"""``bench send``: a campaign through the whole send path to a provider that accepts at once, one worker process."""

import time
from dataclasses import dataclass

from blazz.domains.campaigns import start_campaign, verify_counters
from blazz.kernel.config import Settings
from blazz.main.bench.client_loop import measure_client_loop
from blazz.main.bench.machine import cpu_seconds, family_cpu_seconds
from blazz.main.bench.place import UNDER_WAY, Place, Say, open_place, process, running, wait_for
from blazz.main.bench.sink import running_sink


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFigures:
    """Messages accepted per second against bare requests per second of the same client to the same provider."""

    messages: int
    messages_per_second: float
    baseline_per_second: float
    ratio: float
    worker_cpu_us: float
    database_cpu_us: float
    counters_ok: bool
    provider: str


async def bench_send(settings: Settings, messages: int, say: Say) -> SendFigures:
    """Measure durable sending: from the campaign running to every message accepted and written."""
    async with running_sink(settings.home / "bench-sink") as sink:
        say(f"baseline: the bare HTTP client against {sink.kind}")
        baseline = await measure_client_loop(
            f"{sink.url}/v25.0/200000000000001/messages", messages, settings.send_concurrency
        )
        async with open_place(settings, provider_url=sink.url) as place:
            say(f"sending {messages} messages")
            await place.add_people(messages)
            run = await _send(place, messages)
    rate = messages / run.seconds
    return SendFigures(
        messages=messages,
        messages_per_second=round(rate, 1),
        baseline_per_second=round(baseline, 1),
        ratio=round(rate / baseline, 3),
        worker_cpu_us=round(run.worker_cpu / messages * 1e6, 1),
        database_cpu_us=round(run.database_cpu / messages * 1e6, 1),
        counters_ok=run.counters_ok,
        provider=sink.kind,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    seconds: float
    worker_cpu: float
    database_cpu: float
    counters_ok: bool


async def _send(place: Place, messages: int) -> _Run:
    campaign = await place.draft_campaign()
    async with running(process(place, "worker", lane_backlog="10000")) as supervisor:
        worker = supervisor.pid("worker") or 0
        async with place.runtime.database.workspace(place.workspace_id) as tx:
            await start_campaign(tx, place.owner, campaign.id, now=place.runtime.clock.now())

        async def is_running() -> bool:
            return (await place.watch(campaign.id))[0] in UNDER_WAY

        async def is_sent() -> bool:
            stats = (await place.watch(campaign.id))[1]
            return stats.accepted + stats.failed >= messages

        await wait_for("preparing the campaign", is_running, seconds=120)
        started, worker_cpu, database_cpu = (
            time.monotonic(),
            cpu_seconds(worker),
            family_cpu_seconds(place.database_pid),
        )
        await wait_for("sending", is_sent, seconds=messages / 200 + 60)
        seconds = time.monotonic() - started
        worker_cpu = cpu_seconds(worker) - worker_cpu
        database_cpu = family_cpu_seconds(place.database_pid) - database_cpu
    async with place.runtime.database.workspace(place.workspace_id) as tx:
        differences = await verify_counters(tx, campaign.id)
    return _Run(seconds=seconds, worker_cpu=worker_cpu, database_cpu=database_cpu, counters_ok=not differences)
