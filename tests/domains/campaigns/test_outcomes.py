"""Counters under batches of results, the automatic pause, and finishing with messages in doubt."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from blazz.domains.campaigns import (
    JOBS,
    AutoPause,
    CampaignStatus,
    apply_outcomes,
    feed_campaign,
    feed_once,
    get_campaign,
    get_stats,
    list_log,
    pause_campaign,
)
from blazz.domains.campaigns.jobs import run_auto_pause
from blazz.domains.campaigns.jobs_types import AutoPauseCampaign
from blazz.domains.campaigns.worker import finish_campaign
from blazz.domains.inbox import OutcomeDelta
from blazz.kernel.db import Database
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.campaigns.support import Wish, change_person, make_campaign, make_people, settle
from tests.domains.campaigns.test_freezing import start


async def apply(database: Database, workspace: WorkspaceFixture, *deltas: OutcomeDelta) -> None:
    async with database.workspace(workspace.id) as tx:
        await apply_outcomes(tx, deltas)


async def test_several_deltas_of_one_campaign_are_summed_into_one_event(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    campaign_id = await make_campaign(database, workspace.owner)
    deltas = [
        OutcomeDelta(campaign_id=campaign_id, accepted=2, failures={"a": 1}, failed=1),
        OutcomeDelta(campaign_id=campaign_id, accepted=-1, failures={"a": 1, "b": 2}, failed=3),
    ]
    await apply(database, workspace, *deltas)
    await apply(database, workspace)
    await apply(database, workspace, OutcomeDelta(campaign_id=campaign_id, failed=-2, failures={"a": -2}))
    async with database.workspace(workspace.id) as tx:
        stats = await get_stats(tx, workspace.owner, campaign_id)
        events = await tx.fetchval("SELECT count(*) FROM events WHERE type = 'campaign.progressed'")
    assert (stats.accepted, stats.failed, stats.failures) == (1, 2, {"b": 2})
    assert events == 2


async def test_batches_that_name_campaigns_in_any_order_never_deadlock(
    database: Database, workspace: WorkspaceFixture
) -> None:
    one = await make_campaign(database, workspace.owner, people=1)
    async with database.workspace(workspace.id) as tx:
        await tx.execute("DELETE FROM contacts WHERE workspace_id = $1", workspace.id)
    two = await make_campaign(database, workspace.owner, people=1)

    def delta(campaign_id: UUID) -> OutcomeDelta:
        return OutcomeDelta(campaign_id=campaign_id, delivered=1)

    orders = [(delta(one), delta(two)), (delta(two), delta(one))] * 15
    await asyncio.wait_for(asyncio.gather(*(apply(database, workspace, *order) for order in orders)), 30)
    async with database.workspace(workspace.id) as tx:
        assert (await get_stats(tx, workspace.owner, one)).delivered == 30
        assert (await get_stats(tx, workspace.owner, two)).delivered == 30


async def test_too_many_failures_pause_the_campaign_by_itself_and_few_do_not(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    rule = Wish(auto_pause=AutoPause(failure_share=0.3, minimum=10))
    campaign_id = await make_campaign(database, workspace.owner, people=20, wish=rule)
    await start(runtime, workspace, campaign_id)
    async with database.workspace(workspace.id) as tx:
        await feed_campaign(tx, campaign_id, 12)
    await apply(database, workspace, OutcomeDelta(campaign_id=campaign_id, accepted=6, failed=2, queued=-8))
    job = AutoPauseCampaign(workspace_id=workspace.id, campaign_id=str(campaign_id))
    await run_auto_pause(runtime, job)
    async with database.workspace(workspace.id) as tx:
        assert (await get_campaign(tx, workspace.owner, campaign_id)).status is CampaignStatus.RUNNING
        assert await tx.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'campaigns.auto_pause'") == 0
    await apply(database, workspace, OutcomeDelta(campaign_id=campaign_id, failed=3, queued=-3))
    async with database.workspace(workspace.id) as tx:
        assert await tx.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'campaigns.auto_pause'") == 1
    await JOBS[AutoPauseCampaign](runtime, job)
    async with database.workspace(workspace.id) as tx:
        campaign = await get_campaign(tx, workspace.owner, campaign_id)
        log = await list_log(tx, workspace.owner, campaign_id, limit=1)
    assert (campaign.status, campaign.paused_reason) == (CampaignStatus.PAUSED, "failure_share")
    assert (log[0].action, log[0].actor_id) == ("paused", None)


async def test_a_message_in_doubt_keeps_a_campaign_open_only_for_the_window(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    campaign_id = await make_campaign(database, workspace.owner, people=2)
    await start(runtime, workspace, campaign_id)
    await feed_once(runtime)
    now = datetime.now(UTC)
    async with database.workspace(workspace.id) as tx:
        await settle(tx, campaign_id, 30, limit=1)
        await tx.execute("UPDATE outbox SET state = 2, on_wire_at = $2 WHERE workspace_id = $1", workspace.id, now)
        assert not await finish_campaign(tx, campaign_id, now=now + timedelta(minutes=1))
        assert await finish_campaign(tx, campaign_id, now=now + timedelta(minutes=6))


async def test_people_who_left_since_the_freeze_get_nothing(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    campaign_id = await make_campaign(database, workspace.owner, people=0)
    async with database.workspace(workspace.id) as tx:
        people = await make_people(tx, 3)
    await start(runtime, workspace, campaign_id)
    async with database.workspace(workspace.id) as tx:
        await change_person(tx, people[0], "opted_out_at", datetime.now(UTC))
        await change_person(tx, people[1], "deleted_at", datetime.now(UTC))
    await feed_once(runtime)
    async with database.workspace(workspace.id) as tx:
        stats = await get_stats(tx, workspace.owner, campaign_id)
    assert (stats.queued, stats.skipped, stats.pending) == (1, 2, 0)


async def test_pausing_during_feeding_never_leaves_a_message_in_the_queue(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    campaign_id = await make_campaign(database, workspace.owner, people=1500)
    await start(runtime, workspace, campaign_id)

    async def pause() -> None:
        async with database.workspace(workspace.id) as tx:
            await pause_campaign(tx, workspace.owner, campaign_id, now=datetime.now(UTC))

    await asyncio.gather(feed_once(runtime), pause(), feed_once(runtime))
    async with database.workspace(workspace.id) as tx:
        waiting = await tx.fetchval("SELECT count(*) FROM outbox WHERE workspace_id = $1 AND state = 0", workspace.id)
        doubles = await tx.fetchval(
            "SELECT count(*) - count(DISTINCT contact_id) FROM messages WHERE workspace_id = $1", workspace.id
        )
    assert (waiting, doubles) == (0, 0)


async def test_a_huge_campaign_does_not_keep_small_workspaces_waiting(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    huge = await make_campaign(database, workspace.owner, people=3000)
    small = await make_campaign(database, other_workspace.owner, people=100)
    await start(runtime, workspace, huge)
    await start(runtime, other_workspace, small)
    assert await feed_once(runtime, lane_cap=1000) == 1100
    assert await feed_once(runtime, lane_cap=1000) == 0
    async with database.workspace(other_workspace.id) as tx:
        assert (await get_stats(tx, other_workspace.owner, small)).queued == 100
