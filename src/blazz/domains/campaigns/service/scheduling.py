"""Give a campaign a time to start by itself."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from blazz.domains.campaigns import store
from blazz.domains.campaigns.errors import CampaignMoveRefused, ScheduleInPast
from blazz.domains.campaigns.events import CampaignScheduled
from blazz.domains.campaigns.transitions import Move, next_status
from blazz.domains.campaigns.types import Campaign
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx


async def schedule_campaign(
    tx: WorkspaceTx, actor: Actor, campaign_id: UUID, at: datetime, *, now: datetime
) -> Campaign:
    """Let a campaign start at ``at``; a time without an offset is local time in the workspace's zone.

    Raises:
        CampaignMoveRefused: it has started already.
        ScheduleInPast: the time has passed, or the zone's clocks skip it.

    """
    actor.require(Permission.CAMPAIGNS_SEND)
    campaign = await store.get_campaign(tx, campaign_id, for_update=True)
    status = next_status(campaign.status, Move.SCHEDULE)
    if status is None:
        raise CampaignMoveRefused(status=campaign.status.value, move=Move.SCHEDULE.value)
    zone = str(await tx.fetchval(store.SQL["workspace_zone"], tx.workspace_id))
    instant = instant_in_zone(at, zone)
    if instant <= now:
        raise ScheduleInPast(at=at.isoformat(), timezone=zone)
    await tx.execute(store.SQL["set_schedule"], tx.workspace_id, campaign.id, status.value, instant, now)
    shown = instant.isoformat()
    await store.write_log(tx, campaign.id, "scheduled", now, reason=shown, actor_id=actor.user_id)
    tx.publish(CampaignScheduled(workspace_id=tx.workspace_id, campaign_id=campaign.id, scheduled_at=shown))
    return await store.get_campaign(tx, campaign.id)


async def unschedule_campaign(tx: WorkspaceTx, actor: Actor, campaign_id: UUID, *, now: datetime) -> Campaign:
    """Make a scheduled campaign a draft again.

    Raises:
        CampaignMoveRefused: it is not scheduled.

    """
    actor.require(Permission.CAMPAIGNS_SEND)
    campaign = await store.get_campaign(tx, campaign_id, for_update=True)
    status = next_status(campaign.status, Move.UNSCHEDULE)
    if status is None:
        raise CampaignMoveRefused(status=campaign.status.value, move=Move.UNSCHEDULE.value)
    await tx.execute(store.SQL["set_schedule"], tx.workspace_id, campaign.id, status.value, None, now)
    await store.write_log(tx, campaign.id, "unscheduled", now, actor_id=actor.user_id)
    tx.publish(CampaignScheduled(workspace_id=tx.workspace_id, campaign_id=campaign.id, scheduled_at=""))
    return await store.get_campaign(tx, campaign.id)


def instant_in_zone(at: datetime, zone: str) -> datetime:
    """Read a time with an offset as it is, and one without as local time of the zone; return UTC.

    Raises:
        ScheduleInPast: the zone's clocks never show this local time.

    """
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    instant = at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != at:
        raise ScheduleInPast(at=at.isoformat(), timezone=zone)
    return instant
