"""A campaign from draft to completed, paused, cancelled and retried, with every refusal beside."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from blazz.domains.billing import QuotaReached, get_usage
from blazz.domains.campaigns import (
    Audience,
    CampaignStatus,
    Include,
    VariableSource,
    apply_outcomes,
    cancel_campaign,
    create_campaign,
    delete_campaign,
    feed_campaign,
    feed_once,
    get_campaign,
    get_stats,
    list_log,
    pause_campaign,
    recount,
    resume_campaign,
    retry_failed,
    schedule_campaign,
    start_campaign,
    update_campaign,
    verify_counters,
)
from blazz.domains.campaigns.errors import (
    AudienceEmpty,
    CampaignMoveRefused,
    CampaignNotEditable,
    CampaignNotFound,
    CampaignNotStartable,
    NothingToRetry,
    NumberDisconnected,
    ScheduleInPast,
    TemplateNotApproved,
    VariablesMissing,
)
from blazz.domains.campaigns.worker import finish_campaign
from blazz.domains.inbox import OutcomeDelta
from blazz.kernel.actor import Actor
from blazz.kernel.db import Database
from blazz.kernel.errors import PermissionDenied
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.campaigns.support import NOW, Wish, make_campaign, make_group, make_input, make_stage, settle
from tests.domains.campaigns.test_freezing import start


async def states(database: Database, workspace: WorkspaceFixture, campaign_id: UUID) -> list[int]:
    async with database.workspace(workspace.id) as tx:
        rows = await tx.fetch(
            "SELECT state FROM outbox WHERE workspace_id = $1 AND campaign_id = $2", workspace.id, campaign_id
        )
    return [row["state"] for row in rows]


async def test_a_campaign_runs_feeds_completes_and_its_counters_match_a_recount(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    campaign_id = await make_campaign(database, workspace.owner, people=5)
    await start(runtime, workspace, campaign_id)
    assert await feed_once(runtime) == 5
    async with database.workspace(workspace.id) as tx:
        assert not await finish_campaign(tx, campaign_id, now=NOW)
        body = await tx.fetchval("SELECT min(body) FROM messages WHERE campaign_id = $1", campaign_id)
        await settle(tx, campaign_id, 90, limit=1)
        await settle(tx, campaign_id, 50)
        delta = OutcomeDelta(
            campaign_id=campaign_id,
            queued=-5,
            accepted=4,
            delivered=4,
            read=4,
            failed=1,
            failures={"not_on_whatsapp": 1},
        )
        await apply_outcomes(tx, [delta])
        assert await verify_counters(tx, campaign_id) == {}
        stats = await get_stats(tx, workspace.owner, campaign_id)
        assert stats == await recount(tx, campaign_id)
    assert body == "Halo Orang 1, promo Lebaran di kota Anda.\n\nBalas STOP"
    assert (stats.queued, stats.read, stats.failed, stats.failures) == (0, 4, 1, {"not_on_whatsapp": 1})
    await feed_once(runtime)
    async with database.workspace(workspace.id) as tx:
        assert (await get_campaign(tx, workspace.owner, campaign_id)).status is CampaignStatus.COMPLETED
        actions = [entry.action for entry in await list_log(tx, workspace.owner, campaign_id, limit=10)]
        assert actions == ["completed", "prepared", "started", "created"]
        with pytest.raises(CampaignNotStartable):
            await start_campaign(tx, workspace.owner, campaign_id, now=NOW)
        events = await tx.fetch("SELECT type FROM events ORDER BY id")
    assert [row["type"] for row in events] == [
        "campaign.started",
        "campaign.progressed",
        "campaign.progressed",
        "campaign.progressed",
        "campaign.completed",
    ]


async def test_a_paused_campaign_sends_nothing_until_it_is_resumed(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    campaign_id = await make_campaign(database, workspace.owner, people=6)
    await start(runtime, workspace, campaign_id)
    async with database.workspace(workspace.id) as tx:
        assert await feed_campaign(tx, campaign_id, 4) == 4
        paused = await pause_campaign(tx, workspace.owner, campaign_id, now=NOW)
        with pytest.raises(CampaignNotStartable):
            await start_campaign(tx, workspace.owner, campaign_id, now=NOW)
        with pytest.raises(CampaignMoveRefused):
            await pause_campaign(tx, workspace.owner, campaign_id, now=NOW)
    assert (paused.status, paused.paused_reason) == (CampaignStatus.PAUSED, "by_hand")
    assert await feed_once(runtime) == 0
    assert await states(database, workspace, campaign_id) == [3] * 4
    async with database.workspace(workspace.id) as tx:
        resumed = await resume_campaign(tx, workspace.owner, campaign_id, now=NOW)
    assert (resumed.status, resumed.paused_reason) == (CampaignStatus.RUNNING, None)
    assert await feed_once(runtime) == 2
    assert await states(database, workspace, campaign_id) == [0] * 6


async def test_cancelling_is_final_empties_the_queue_and_gives_the_quota_back(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    campaign_id = await make_campaign(database, workspace.owner, people=5)
    await start(runtime, workspace, campaign_id)
    async with database.workspace(workspace.id) as tx:
        before = await get_usage(tx, workspace.owner, datetime.now(UTC))
        await feed_campaign(tx, campaign_id, 2)
        await cancel_campaign(tx, workspace.owner, campaign_id, now=datetime.now(UTC))
        after = await get_usage(tx, workspace.owner, datetime.now(UTC))
        stats = await get_stats(tx, workspace.owner, campaign_id)
        assert await verify_counters(tx, campaign_id) == {}
        with pytest.raises(CampaignMoveRefused):
            await resume_campaign(tx, workspace.owner, campaign_id, now=NOW)
        with pytest.raises(CampaignMoveRefused):
            await retry_failed(tx, workspace.owner, campaign_id, now=NOW)
    assert [usage.reserved for usage in before] == [5, 5]
    assert [usage.reserved for usage in after] == [0, 0]
    assert (stats.cancelled, stats.pending, stats.queued) == (5, 0, 0)
    assert await states(database, workspace, campaign_id) == []
    assert await feed_once(runtime) == 0


async def test_failed_messages_are_sent_again_once_and_capped_people_wait_a_day(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    campaign_id = await make_campaign(database, workspace.owner, people=4)
    await start(runtime, workspace, campaign_id)
    await feed_once(runtime)
    async with database.workspace(workspace.id) as tx:
        failed = await settle(tx, campaign_id, 90, limit=2)
        await tx.execute("UPDATE messages SET provider_error = 131049 WHERE id = $1", failed[0])
        await settle(tx, campaign_id, 30)
        delta = OutcomeDelta(campaign_id=campaign_id, queued=-4, accepted=2, failed=2, failures={"not_on_whatsapp": 2})
        await apply_outcomes(tx, [delta])
        _, people = await retry_failed(tx, workspace.owner, campaign_id, now=datetime.now(UTC))
        assert people == 1
        with pytest.raises(NothingToRetry):
            await retry_failed(tx, workspace.owner, campaign_id, now=datetime.now(UTC))
        assert await verify_counters(tx, campaign_id) == {}
    assert await feed_once(runtime) == 1
    async with database.workspace(workspace.id) as tx:
        assert await verify_counters(tx, campaign_id) == {}
        stats = await get_stats(tx, workspace.owner, campaign_id)
    assert (stats.queued, stats.failed, stats.failures) == (1, 1, {"not_on_whatsapp": 1})


async def test_a_start_is_refused_with_the_reason_and_changes_nothing(
    database: Database, workspace: WorkspaceFixture
) -> None:
    async with database.workspace(workspace.id) as tx:
        empty = await create_campaign(tx, workspace.owner, make_input(await make_stage(tx)), now=NOW)
        with pytest.raises(AudienceEmpty):
            await start_campaign(tx, workspace.owner, empty.id, now=NOW)
        pending = await make_stage(tx, template_status="PENDING")
        one = await create_campaign(tx, workspace.owner, make_input(pending), now=NOW)
        with pytest.raises(TemplateNotApproved):
            await start_campaign(tx, workspace.owner, one.id, now=NOW)
        offline = await make_stage(tx, number_status="disconnected")
        two = await create_campaign(tx, workspace.owner, make_input(offline), now=NOW)
        with pytest.raises(NumberDisconnected):
            await start_campaign(tx, workspace.owner, two.id, now=NOW)
        unmapped = Wish(variables={"body.1": VariableSource(text="Kak")})
        three = await create_campaign(tx, workspace.owner, make_input(await make_stage(tx), unmapped), now=NOW)
        with pytest.raises(VariablesMissing) as refused:
            await start_campaign(tx, workspace.owner, three.id, now=NOW)
        assert refused.value.data["variables"] == "body.2"
        for campaign in (empty, one, two, three):
            assert (await get_campaign(tx, workspace.owner, campaign.id)).status is CampaignStatus.DRAFT


async def test_a_start_past_the_quota_is_refused(database: Database, workspace: WorkspaceFixture) -> None:
    campaign_id = await make_campaign(database, workspace.owner, people=1001)
    async with database.system() as tx:
        await tx.execute("UPDATE workspaces SET plan_id = 'trial' WHERE id = $1", workspace.id)
    async with database.workspace(workspace.id) as tx:
        with pytest.raises(QuotaReached):
            await start_campaign(tx, workspace.owner, campaign_id, now=datetime.now(UTC))


async def test_a_scheduled_campaign_starts_by_itself_at_its_local_time(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    campaign_id = await make_campaign(database, workspace.owner)
    local = (datetime.now(UTC) + timedelta(hours=7, minutes=30)).replace(tzinfo=None)
    async with database.workspace(workspace.id) as tx:
        found = await schedule_campaign(tx, workspace.owner, campaign_id, local, now=datetime.now(UTC))
        assert found.scheduled_at == local.replace(tzinfo=UTC) - timedelta(hours=7)
        with pytest.raises(ScheduleInPast):
            await schedule_campaign(tx, workspace.owner, campaign_id, local - timedelta(hours=1), now=datetime.now(UTC))
    await feed_once(runtime)
    async with database.workspace(workspace.id) as tx:
        assert (await get_campaign(tx, workspace.owner, campaign_id)).status is CampaignStatus.SCHEDULED
        await tx.execute(
            "UPDATE campaigns SET scheduled_at = now() - interval '1 second' WHERE workspace_id = $1", workspace.id
        )
    await feed_once(runtime)
    async with database.workspace(workspace.id) as tx:
        assert (await get_campaign(tx, workspace.owner, campaign_id)).status is CampaignStatus.PREPARING


async def test_only_drafts_and_scheduled_campaigns_change_or_disappear(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    campaign_id = await make_campaign(database, workspace.owner)
    async with database.workspace(workspace.id) as tx:
        given = make_input(await make_stage(tx))
        changed = await update_campaign(tx, workspace.owner, campaign_id, given, now=NOW)
        assert changed.number_id == given.number_id
    await start(runtime, workspace, campaign_id)
    async with database.workspace(workspace.id) as tx:
        with pytest.raises(CampaignNotEditable):
            await update_campaign(tx, workspace.owner, campaign_id, given, now=NOW)
        with pytest.raises(CampaignNotEditable):
            await delete_campaign(tx, workspace.owner, campaign_id, now=NOW)
        draft = await create_campaign(tx, workspace.owner, given, now=NOW)
        await delete_campaign(tx, workspace.owner, draft.id, now=NOW)
        with pytest.raises(CampaignNotFound):
            await get_campaign(tx, workspace.owner, draft.id)


async def test_nobody_acts_without_the_permission_or_from_another_workspace(
    database: Database, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    campaign_id = await make_campaign(database, workspace.owner)
    async with database.workspace(workspace.id) as tx:
        group = await make_group(tx, [])
        with pytest.raises(PermissionDenied):
            await start_campaign(tx, Actor.system(workspace.id, "nobody"), campaign_id, now=NOW)
    async with database.workspace(other_workspace.id) as tx:
        with pytest.raises(CampaignNotFound):
            await start_campaign(tx, other_workspace.owner, campaign_id, now=NOW)
        foreign = Wish(audience=Audience(include=Include(groups=(group,))))
        with pytest.raises(Exception, match="does not exist"):
            await create_campaign(tx, other_workspace.owner, make_input(await make_stage(tx), foreign), now=NOW)
