"""A campaign against a provider of the test's own making: limits, faults and delays as told."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from blazz.adapters.providers.simulator import Behaviour, Faults, SimulatorConfig
from blazz.adapters.providers.simulator.acceptance_log import Acceptance, AcceptanceLog
from blazz.adapters.providers.simulator.server import make_app, make_simulator
from blazz.domains.campaigns import Campaign, Stats, get_campaign, get_stats, start_campaign, verify_counters
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.main.test_campaign_end_to_end import make_campaign
from tests.support_processes import free_port, serving

NO_FAULTS = Faults()
EVERYONE = Behaviour(not_on_whatsapp=0.0, delivered=1.0, read=1.0, reply=0.0, opt_out=0.0)


async def until(check: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a state, and fail when it does not come."""
    deadline = time.monotonic() + seconds
    while True:
        if check():
            return
        assert time.monotonic() < deadline, "the expected state did not come"
        await asyncio.sleep(0.01)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What the provider does; rates are messages a second, zero means without limit."""

    faults: Faults = NO_FAULTS
    behaviour: Behaviour = EVERYONE
    provider_rate: float = 0.0
    time_scale: float = 0.01
    hang_seconds: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """A drafted campaign and the provider it goes to."""

    runtime: Runtime
    workspace: WorkspaceFixture
    campaign: Campaign
    folder: Path

    async def start(self) -> None:
        """Start the campaign."""
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            await start_campaign(tx, self.workspace.owner, self.campaign.id, now=self.runtime.clock.now())

    async def look(self) -> tuple[str, Stats, int]:
        """Return the campaign's state, its counters and how many of its messages wait."""
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            now = await get_campaign(tx, self.workspace.owner, self.campaign.id)
            stats = await get_stats(tx, self.workspace.owner, self.campaign.id)
            left: int = await tx.fetchval("SELECT count(*) FROM outbox WHERE workspace_id = $1", self.workspace.id)
        return now.status.value, stats, left

    async def until_over(self, seconds: float = 60) -> Stats:
        """Wait until every message of the campaign has an outcome and none waits."""
        deadline = time.monotonic() + seconds
        while True:
            status, stats, left = await self.look()
            if status in {"completed", "cancelled"} and not left:
                return stats
            assert time.monotonic() < deadline, f"{status}, {left} left, {stats}"
            await asyncio.sleep(0.05)

    async def wrong_counters(self) -> dict[str, object]:
        """Return the counters that a recount contradicts."""
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            return dict(await verify_counters(tx, self.campaign.id))

    def accepted(self) -> list[Acceptance]:
        """Read what the provider has accepted so far."""
        log = AcceptanceLog(self.folder / "acceptances.jsonl")
        # A confirmed wish to stop is a message as well, and not one of the campaign.
        found = [entry for entry in log.read() if entry.type == "template"]
        log.close()
        return found


@asynccontextmanager
async def showing(
    runtime: Runtime,
    workspace: WorkspaceFixture,
    folder: Path,
    trouble: Trouble,
    *,
    web_url: str = "",
    our_rate: int = 1000,
) -> AsyncIterator[Show]:
    """Run a provider with a campaign drafted for it; ``our_rate`` is what we believe the number may send a second."""
    port = free_port()
    campaign = await make_campaign(runtime, workspace, f"http://127.0.0.1:{port}")
    # Two providers in one test need two numbers: a number belongs to one workspace of the instance.
    number = f"3{workspace.id:014d}"
    async with runtime.database.system() as system:
        await system.execute(
            "UPDATE number_routes SET provider_number_id = $2 WHERE workspace_id = $1", workspace.id, number
        )
    async with runtime.database.workspace(workspace.id) as tx:
        await tx.execute(
            "UPDATE numbers SET messages_per_second = $2, provider_number_id = $3 WHERE workspace_id = $1",
            workspace.id,
            our_rate,
            number,
        )
        account_id = await tx.fetchval("SELECT id FROM channel_accounts WHERE workspace_id = $1", workspace.id)
    config = SimulatorConfig(
        data_dir=folder,
        port=port,
        number_id=number,
        callback_url=f"{web_url}/webhooks/meta/{encode_id('acc', account_id)}" if web_url else "",
        messages_per_second=trouble.provider_rate,
        time_scale=trouble.time_scale,
        hang_seconds=trouble.hang_seconds,
        faults=trouble.faults,
        behaviour=trouble.behaviour,
    )
    async with serving(make_app(make_simulator(config)), port):
        yield Show(runtime=runtime, workspace=workspace, campaign=campaign, folder=folder)
