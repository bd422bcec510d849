"""The demo: everything on one machine, a messy list, a campaign to all of it, and the proof that nobody got it twice."""

import asyncio
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec

from blazz.domains.campaigns import (
    Audience,
    AutoPause,
    CampaignInput,
    Include,
    Stats,
    VariableSource,
    create_campaign,
    get_campaign,
    get_stats,
    start_campaign,
    verify_counters,
)
from blazz.domains.contacts import Import
from blazz.kernel.config import Settings
from blazz.kernel.runtime import Runtime
from blazz.main.demo_report import DemoReport, accepted_opaque_ids, make_report
from blazz.main.demo_setup import DemoFailed, DemoWorkspace, import_list, make_workspace
from blazz.main.installation import Installation, answers_ok
from blazz.main.supervisor import ProcessSpec
from blazz.main.wiring import Providers, open_runtime

_LONGEST_CAMPAIGN_SECONDS = 240.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """Who is told about progress."""

    say: Callable[[str], None]
    importing: Callable[[Import], None]
    sending: Callable[[Stats, str], None]


def free_port(wanted: int) -> int:
    """Return the wanted port, or another one when somebody listens on it."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return wanted


def sample_file() -> Path:
    """Find the sample list: in the checkout, or beside the installed package."""
    for folder in (Path(__file__).resolve().parents[3], Path(__file__).resolve().parents[1]):
        found = folder / "samples" / "contacts.csv"
        if found.is_file():
            return found
    raise DemoFailed(step="samples", state="samples/contacts.csv is missing from this installation")


async def run_demo(settings: Settings, watching: Watching, *, stay: bool, file: Path | None = None) -> DemoReport:
    """Run the demo in a folder of its own, made fresh; with ``stay`` it goes on until a signal.

    Raises:
        DemoFailed: a step did not end as it should.

    """
    started = time.monotonic()
    home = settings.home / "demo"
    await asyncio.to_thread(shutil.rmtree, home / "simulator", ignore_errors=True)
    port, simulator_port = free_port(settings.port), free_port(settings.simulator_port)
    settings = settings.model_copy(
        update={"home": home, "port": port, "simulator_port": simulator_port, "public_url": "", "database_url": None}
    )
    simulator = make_simulator_spec(home / "simulator", simulator_port)
    installation = Installation(settings, extra=[simulator], env=make_environment(settings))
    stopping = _on_signals()
    await asyncio.to_thread(forget_database, home)
    try:
        watching.say("Starting the database, the web process, the worker and the simulator…")
        await installation.start()
        runtime = await open_runtime(settings, "demo", pool_size=4)
        providers = Providers(settings)
        try:
            report, demo = await _show(runtime, providers, watching, simulator_port, file or sample_file(), started)
        finally:
            await providers.aclose()
            await runtime.database.close()
        if stay:
            watching.say(f"API documentation: {settings.base_url}/api/docs")
            watching.say(f"One-time sign-in token of the demo's owner: {demo.sign_in_token}")
            watching.say("Everything keeps running. Ctrl-C stops it.")
            await stopping.wait()
    finally:
        await installation.stop()
    return report


def forget_database(home: Path) -> None:
    """Start from nothing each time; the folder holds throw-away data only."""
    from blazz.adapters.postgres import EmbeddedPostgres

    EmbeddedPostgres(home / "postgres").destroy()


def make_environment(settings: Settings) -> dict[str, str]:
    """Return what the processes of a throw-away installation need to find it."""
    return {
        "BLAZZ_HOME": str(settings.home),
        "BLAZZ_PORT": str(settings.port),
        "BLAZZ_SECRET_KEY": settings.secret_key.get_secret_value(),
        "BLAZZ_PUBLIC_URL": "",
        "BLAZZ_DATABASE_URL": "",
    }


def make_simulator_spec(folder: Path, port: int, *, faults: Mapping[str, object] | None = None) -> ProcessSpec:
    """Describe the simulator process of a demo; ``faults`` are further settings of the simulator."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "simulator.json"
    config.write_bytes(
        msgspec.json.encode(
            {"data_dir": str(folder), "port": port, "messages_per_second": 1000, "pair_seconds": 0, "time_scale": 0.3}
            | dict(faults or {})
        )
    )

    async def ready() -> bool:
        return await answers_ok("127.0.0.1", port, "/_sim/health")

    command = (sys.executable, "-m", "blazz", "simulator", "--config", str(config))
    return ProcessSpec(name="simulator", command=command, ready=ready)


async def _show(
    runtime: Runtime, providers: Providers, watching: Watching, simulator_port: int, file: Path, started: float
) -> tuple[DemoReport, DemoWorkspace]:
    simulator_url = f"http://127.0.0.1:{simulator_port}"
    demo = await make_workspace(runtime, providers, simulator_url)
    watching.say(f"Checking {file.name} without writing anything…")
    checked = await import_list(runtime, demo, file, dry_run=True, watch=watching.importing)
    watching.say(_in_words(checked))
    done = await import_list(runtime, demo, file, dry_run=False, watch=watching.importing)
    stats, counters_ok = await _send(runtime, demo, watching, simulator_url)
    accepted = accepted_opaque_ids(runtime.settings.home / "simulator" / "acceptances.jsonl")
    report = make_report(done.counts, sum(_outcomes(done.counts)), stats, accepted, time.monotonic() - started)
    if not report.reconciles(counters_ok=counters_ok):
        raise DemoFailed(step="reconciliation", state=msgspec.json.encode(report).decode())
    return report, demo


def _outcomes(counts: dict[str, int]) -> list[int]:
    return [counts.get(name, 0) for name in ("created", "updated", "unchanged", "duplicate", "invalid")]


def _in_words(checked: Import) -> str:
    created, updated, unchanged, duplicate, invalid = _outcomes(checked.counts)
    return (
        f"{created} new, {updated} to update, {unchanged} unchanged, {duplicate} duplicates,"
        f" {invalid} rows refused with a reason each."
    )


async def _send(runtime: Runtime, demo: DemoWorkspace, watching: Watching, simulator_url: str) -> tuple[Stats, bool]:
    now = runtime.clock.now()
    async with runtime.database.workspace(demo.workspace.id) as tx:
        template_id = await tx.fetchval(
            "SELECT id FROM templates WHERE workspace_id = $1 AND name = 'promo_gajian'", demo.workspace.id
        )
        campaign = await create_campaign(
            tx,
            demo.owner,
            CampaignInput(
                name="Promo gajian",
                number_id=demo.number_id,
                template_id=template_id,
                audience=Audience(include=Include(all=True)),
                variables={
                    "body.1": VariableSource(field="name", fallback="Kak"),
                    "body.2": VariableSource(text="20%"),
                    "body.3": VariableSource(field="city", fallback="kota Anda"),
                },
                auto_pause=AutoPause(),
            ),
            now=now,
        )
        await start_campaign(tx, demo.owner, campaign.id, now=now)
    deadline = time.monotonic() + _LONGEST_CAMPAIGN_SECONDS
    while time.monotonic() < deadline:
        async with runtime.database.workspace(demo.workspace.id) as tx:
            status = (await get_campaign(tx, demo.owner, campaign.id)).status
            stats = await get_stats(tx, demo.owner, campaign.id)
        watching.sending(stats, status.value)
        if status in {"failed", "cancelled", "paused"}:
            raise DemoFailed(step="campaign", state=status.value)
        if status == "completed" and await is_quiet(runtime, simulator_url):
            async with runtime.database.workspace(demo.workspace.id) as tx:
                return await get_stats(tx, demo.owner, campaign.id), await verify_counters(tx, campaign.id) == {}
        await asyncio.sleep(0.25)
    raise DemoFailed(step="campaign", state="it did not finish in time")


async def is_quiet(runtime: Runtime, simulator_url: str) -> bool:
    """Tell whether people have done everything they are going to do, and we have applied all of it."""
    async with aiohttp.ClientSession() as session, session.get(f"{simulator_url}/_sim/stats") as answer:
        told = await answer.json()
    if told["webhooks"]["updates_pending"]:
        return False
    async with runtime.database.system() as tx:
        return not await tx.fetchval("SELECT EXISTS (SELECT 1 FROM webhook_deliveries WHERE problem IS NULL)")


def _on_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    return stopping
