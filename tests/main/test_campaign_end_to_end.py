"""A campaign from audience to replies: the real adapter against the simulator, webhooks back through the front door."""

import asyncio
import time
from pathlib import Path

import pytest

from blazz.adapters.providers.simulator import Behaviour, Faults
from blazz.adapters.providers.simulator.acceptance_log import AcceptanceLog
from blazz.domains.campaigns import (
    Audience,
    AutoPause,
    Campaign,
    CampaignInput,
    Include,
    VariableSource,
    create_campaign,
    get_campaign,
    get_stats,
    start_campaign,
    verify_counters,
)
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.factories import make_contacts, make_number, make_template
from tests.support_processes import free_port, simulator, web, working

PEOPLE = 300
EVERYONE = Behaviour(not_on_whatsapp=0.05, delivered=1.0, read=1.0, reply=0.5, opt_out=0.02)


async def make_campaign(runtime: Runtime, workspace: WorkspaceFixture, simulator_url: str) -> Campaign:
    """Connect a number, store a template and contacts, and draft a campaign to all of them."""
    number_id = await make_number(runtime, workspace, base_url=simulator_url)
    async with runtime.database.workspace(workspace.id) as tx:
        account_id = await tx.fetchval("SELECT id FROM channel_accounts WHERE workspace_id = $1", workspace.id)
    template_id = await make_template(runtime, workspace, account_id)
    await make_contacts(runtime, workspace, PEOPLE)
    async with runtime.database.workspace(workspace.id) as tx:
        return await create_campaign(
            tx,
            workspace.owner,
            CampaignInput(
                name="Gajian",
                number_id=number_id,
                template_id=template_id,
                audience=Audience(include=Include(all=True)),
                variables={"body.1": VariableSource(field="name", fallback="Kak")},
                auto_pause=AutoPause(),
            ),
            now=runtime.clock.now(),
        )


async def wait_for_end(runtime: Runtime, workspace: WorkspaceFixture, campaign: Campaign, seconds: float = 60) -> str:
    """Wait until the campaign is over and every webhook is applied."""
    deadline = time.monotonic() + seconds
    while True:
        async with runtime.database.workspace(workspace.id) as tx:
            now = await get_campaign(tx, workspace.owner, campaign.id)
            stats = await get_stats(tx, workspace.owner, campaign.id)
        if now.status == "completed" and stats.read + stats.failed >= PEOPLE:
            return now.status
        if time.monotonic() > deadline:
            return f"{now.status} {stats}"
        await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    "faults",
    [
        Faults(),
        Faults(throttled=0.02, duplicate_webhooks=0.3, shuffle_webhooks=True, status_before_answer=0.3),
        Faults(error_after_accept=0.05, accept_then_reset=0.05, duplicate_webhooks=0.1),
    ],
    ids=["calm", "throttled and shuffled", "accepted but unanswered"],
)
async def test_everyone_gets_the_campaign_exactly_once_whatever_the_provider_does(
    runtime: Runtime, workspace: WorkspaceFixture, tmp_path: Path, faults: Faults
) -> None:
    port = free_port()
    async with web(runtime, port) as web_url:
        # The account's id stands in the callback's path, so the number is connected before the simulator starts.
        callback = f"{web_url}/webhooks/meta/"
        async with simulator(tmp_path / "probe") as probe:
            campaign = await make_campaign(runtime, workspace, probe)
        async with runtime.database.workspace(workspace.id) as tx:
            account_id = await tx.fetchval("SELECT id FROM channel_accounts WHERE workspace_id = $1", workspace.id)
        folder = tmp_path / "simulator"
        async with simulator(folder, callback + encode_id("acc", account_id), faults=faults, behaviour=EVERYONE) as url:
            async with runtime.database.workspace(workspace.id) as tx:
                await tx.execute("UPDATE channel_accounts SET base_url = $2 WHERE workspace_id = $1", workspace.id, url)
            async with working(runtime):
                async with runtime.database.workspace(workspace.id) as tx:
                    await start_campaign(tx, workspace.owner, campaign.id, now=runtime.clock.now())
                assert await wait_for_end(runtime, workspace, campaign) == "completed"
                async with runtime.database.workspace(workspace.id) as tx:
                    stats = await get_stats(tx, workspace.owner, campaign.id)
                    assert await verify_counters(tx, campaign.id) == {}
                    left = await tx.fetchval(
                        "SELECT count(*) FROM outbox WHERE workspace_id = $1 AND campaign_id IS NOT NULL", workspace.id
                    )
    log = AcceptanceLog(folder / "acceptances.jsonl")
    entries = list(log.read())
    # Whoever replied STOP got a confirmation besides: a text, once.
    texts = [entry.opaque for entry in entries if entry.template is None]
    accepted = [entry.opaque for entry in entries if entry.template is not None]
    log.close()
    assert (len(accepted), len(set(accepted)), left) == (PEOPLE, PEOPLE, 0)
    assert len(texts) == len(set(texts)) <= stats.opted_out
    assert (stats.accepted, stats.read + stats.failed, stats.in_doubt) == (PEOPLE, PEOPLE, 0)
    assert stats.failures == {"not_on_whatsapp": stats.failed}
    assert 0 < stats.failed < PEOPLE / 4
