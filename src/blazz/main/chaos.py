"""Chaos: a campaign while processes are killed and frozen, the database crashes, and the provider loses answers.

The provider's acceptance log is the truth. Anything lost, doubled or stuck, or a counter that a recount contradicts,
is a failure.
"""

import asyncio
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from blazz.domains.billing import get_usage
from blazz.domains.campaigns import (
    Audience,
    AutoPause,
    CampaignInput,
    Include,
    VariableSource,
    create_campaign,
    get_campaign,
    get_stats,
    start_campaign,
    verify_counters,
)
from blazz.kernel.config import Settings
from blazz.kernel.db.retry import is_database_away
from blazz.kernel.ids import new_uuid7
from blazz.kernel.runtime import Runtime
from blazz.main.demo import forget_database, free_port, is_quiet, make_environment, make_simulator_spec
from blazz.main.demo_report import accepted_opaque_ids
from blazz.main.demo_setup import DemoWorkspace, make_workspace
from blazz.main.installation import Installation
from blazz.main.supervisor import ProcessSpec
from blazz.main.wiring import Providers, open_runtime

_TARGETS = ("worker", "worker2", "web")
_INSERT_PEOPLE = """
INSERT INTO contacts (workspace_id, id, name, phone)
SELECT $1, row.id, 'Orang ' || row.number, '+6281' || (200000000 + row.number)
  FROM unnest($2::uuid[]) WITH ORDINALITY AS row (id, number)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosPlan:
    """How much is sent and what is done to it meanwhile; the same seed makes the same plan."""

    messages: int
    kills: int
    db_restarts: int
    freezes: int
    seed: int
    patience_seconds: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosReport:
    """What came of it; ``sent`` counts distinct messages in the provider's log."""

    sent: int
    lost: int
    duplicated: int
    in_doubt: int
    stuck: int
    counters_ok: bool
    kills: int
    db_restarts: int
    freezes: int
    seed: int
    seconds: float

    @property
    def passed(self) -> bool:
        """Tell whether everyone got the campaign exactly once and the books are right."""
        return self.lost == self.duplicated == self.stuck == self.in_doubt == 0 and self.counters_ok


async def run_chaos(settings: Settings, plan: ChaosPlan, say: Callable[[str], None]) -> ChaosReport:
    """Run one campaign under sabotage in a folder of its own, made fresh."""
    started = time.monotonic()
    home = settings.home / "chaos"
    await asyncio.to_thread(shutil.rmtree, home / "simulator", ignore_errors=True)
    port, simulator_port = free_port(settings.port), free_port(settings.simulator_port)
    settings = settings.model_copy(
        update={"home": home, "port": port, "simulator_port": simulator_port, "public_url": "", "database_url": None}
    )
    env = {**make_environment(settings), "BLAZZ_SEND_OVERDUE_SECONDS": "18", "BLAZZ_IN_DOUBT_WINDOW_SECONDS": "40"}
    second = ProcessSpec(name="worker2", command=(sys.executable, "-m", "blazz", "run", "worker"), env=env)
    simulator = make_simulator_spec(home / "simulator", simulator_port, faults=_faults(plan))
    installation = Installation(settings, extra=[second, simulator], env=env)
    await asyncio.to_thread(forget_database, home)
    try:
        await installation.start()
        runtime = await open_runtime(settings, "chaos", pool_size=4)
        providers = Providers(settings)
        try:
            return await _campaign(runtime, providers, installation, plan, simulator_port, started, say)
        finally:
            await providers.aclose()
            await runtime.database.close()
    finally:
        await installation.stop()


def _faults(plan: ChaosPlan) -> dict[str, object]:
    return {
        "seed": plan.seed,
        "hang_seconds": 2,
        "behaviour": {"reply": 0.02, "not_on_whatsapp": 0.01},
        "faults": {
            "throttled": 0.01,
            "error_after_accept": 0.01,
            "accept_then_reset": 0.005,
            "accept_then_hang": 0.005,
            "duplicate_webhooks": 0.3,
            "shuffle_webhooks": True,
            "status_before_answer": 0.1,
        },
    }


async def _campaign(
    runtime: Runtime,
    providers: Providers,
    installation: Installation,
    plan: ChaosPlan,
    simulator_port: int,
    started: float,
    say: Callable[[str], None],
) -> ChaosReport:
    simulator_url = f"http://127.0.0.1:{simulator_port}"
    demo = await make_workspace(runtime, providers, simulator_url)
    campaign_id = await _prepare(runtime, demo, plan.messages)
    saboteur = asyncio.create_task(_sabotage(installation, plan, say))
    deadline = time.monotonic() + plan.patience_seconds
    while time.monotonic() < deadline:
        if saboteur.done() and await _is_over(runtime, demo, campaign_id, simulator_url):
            break
        await asyncio.sleep(0.5)
    await saboteur
    log_path = runtime.settings.home / "simulator" / "acceptances.jsonl"
    accepted = accepted_opaque_ids(log_path)
    everything = accepted_opaque_ids(log_path, templates_only=False)
    async with runtime.database.workspace(demo.workspace.id) as tx:
        stats = await get_stats(tx, demo.owner, campaign_id)
        waiting = await tx.fetchrow(
            "SELECT count(*) FILTER (WHERE state = 2) AS doubt, count(*) FILTER (WHERE state <> 2) AS stuck"
            " FROM outbox WHERE workspace_id = $1",
            demo.workspace.id,
        )
        differences = await verify_counters(tx, campaign_id)
        usage = await get_usage(tx, demo.owner, runtime.clock.now())
    assert waiting is not None
    billed = usage[1].used == len(everything)
    if differences or not billed:
        say(f"counters differ: {differences}; billed {usage[1].used}, accepted {len(everything)}")
    return ChaosReport(
        sent=len(accepted),
        lost=max(0, stats.total - stats.skipped - len(accepted) - waiting["doubt"] - waiting["stuck"]),
        duplicated=sum(everything.values()) - len(everything),
        in_doubt=waiting["doubt"],
        stuck=waiting["stuck"],
        counters_ok=not differences and billed,
        kills=plan.kills,
        db_restarts=plan.db_restarts,
        freezes=plan.freezes,
        seed=plan.seed,
        seconds=round(time.monotonic() - started, 1),
    )


async def _prepare(runtime: Runtime, demo: DemoWorkspace, people: int) -> UUID:
    now = runtime.clock.now()
    async with runtime.database.workspace(demo.workspace.id) as tx:
        await tx.execute(
            "UPDATE channel_accounts SET unknown_outcome = 'resend_after_silence' WHERE workspace_id = $1",
            demo.workspace.id,
        )
        await tx.execute(_INSERT_PEOPLE, demo.workspace.id, [new_uuid7() for _ in range(people)])
        template_id = await tx.fetchval(
            "SELECT id FROM templates WHERE workspace_id = $1 AND name = 'sapa_pelanggan'", demo.workspace.id
        )
        given = CampaignInput(
            name="Chaos",
            number_id=demo.number_id,
            template_id=template_id,
            audience=Audience(include=Include(all=True)),
            variables={"body.1": VariableSource(field="name", fallback="Kak")},
            auto_pause=AutoPause(enabled=False),
        )
        campaign = await create_campaign(tx, demo.owner, given, now=now)
        await start_campaign(tx, demo.owner, campaign.id, now=now)
    return campaign.id


async def _is_over(runtime: Runtime, demo: DemoWorkspace, campaign_id: UUID, simulator_url: str) -> bool:
    try:
        async with runtime.database.workspace(demo.workspace.id) as tx:
            status = (await get_campaign(tx, demo.owner, campaign_id)).status
            left = await tx.fetchval("SELECT count(*) FROM outbox WHERE workspace_id = $1", demo.workspace.id)
        return status == "completed" and not left and await is_quiet(runtime, simulator_url)
    except Exception as error:
        if not is_database_away(error):
            raise
        return False


async def _sabotage(installation: Installation, plan: ChaosPlan, say: Callable[[str], None]) -> None:
    chance = random.Random(plan.seed)  # noqa: S311 - a repeatable plan, not a secret
    deeds = ["kill"] * plan.kills + ["crash"] * plan.db_restarts + ["freeze"] * plan.freezes
    chance.shuffle(deeds)
    for deed in deeds:
        await asyncio.sleep(chance.uniform(0.1, 0.9))
        if deed == "crash":
            say("the database crashes")
            assert installation.postgres is not None
            await asyncio.to_thread(installation.postgres.restart_immediate)
            continue
        await _strike(installation, chance.choice(_TARGETS), deed, chance.uniform(0.5, 5.0), say)


async def _strike(
    installation: Installation, target: str, deed: str, seconds: float, say: Callable[[str], None]
) -> None:
    assert installation.supervisor is not None
    pid = installation.supervisor.pid(target)
    if pid is None:
        return
    say(f"{deed} {target}")
    try:
        os.kill(pid, signal.SIGKILL if deed == "kill" else signal.SIGSTOP)
        if deed == "freeze":
            await asyncio.sleep(seconds)
            os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        # It ended by itself a moment ago; the supervisor is bringing it back.
        return
