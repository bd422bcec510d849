"""Pause, resume and cancel: instant, because only a bounded number of messages is ever in the queue."""

from datetime import datetime
from uuid import UUID

from blazz.domains.campaigns import quota, store
from blazz.domains.campaigns.errors import CampaignMoveRefused
from blazz.domains.campaigns.events import CampaignCancelled, CampaignPaused, CampaignResumed
from blazz.domains.campaigns.jobs_types import PrepareCampaign
from blazz.domains.campaigns.service.checks import usable_sender
from blazz.domains.campaigns.transitions import Move, next_status
from blazz.domains.campaigns.types import Campaign, CampaignStatus
from blazz.domains.inbox import cancel_campaign as cancel_queued
from blazz.domains.inbox import hold_campaign, release_campaign
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx

DEFAULT_PAUSE_REASON = "by_hand"


async def pause_campaign(
    tx: WorkspaceTx, actor: Actor, campaign_id: UUID, *, now: datetime, reason: str = DEFAULT_PAUSE_REASON
) -> Campaign:
    """Stop sending until it is resumed; messages already on the wire finish.

    Raises:
        CampaignMoveRefused: the campaign does not run.

    """
    actor.require(Permission.CAMPAIGNS_SEND)
    # The row lock waits for a feeding batch to commit, so holding the queue afterwards reaches all of it.
    campaign, status = await _lock_for(tx, campaign_id, Move.PAUSE)
    await store.set_status(tx, campaign.id, status, now, reason=reason)
    await hold_campaign(tx, campaign.id)
    on_wire = await tx.fetchval(store.SQL["count_on_wire"], tx.workspace_id, campaign.id)
    await store.write_log(tx, campaign.id, "paused", now, reason=reason, actor_id=actor.user_id)
    tx.publish(CampaignPaused(workspace_id=tx.workspace_id, campaign_id=campaign.id, reason=reason, on_wire=on_wire))
    return await store.get_campaign(tx, campaign.id)


async def resume_campaign(tx: WorkspaceTx, actor: Actor, campaign_id: UUID, *, now: datetime) -> Campaign:
    """Go on where a pause stopped.

    Raises:
        CampaignMoveRefused: the campaign is not paused.
        NumberDisconnected: the number cannot send now.

    """
    actor.require(Permission.CAMPAIGNS_SEND)
    campaign, status = await _lock_for(tx, campaign_id, Move.RESUME)
    await usable_sender(tx, campaign)
    if campaign.prepared_at is None:
        # Paused before the audience was frozen: prepare it now.
        status = CampaignStatus.PREPARING
        tx.defer(PrepareCampaign(workspace_id=tx.workspace_id, campaign_id=str(campaign.id)))
    await store.set_status(tx, campaign.id, status, now)
    await release_campaign(tx, campaign.id, campaign.number_id)
    await store.write_log(tx, campaign.id, "resumed", now, actor_id=actor.user_id)
    tx.publish(CampaignResumed(workspace_id=tx.workspace_id, campaign_id=campaign.id))
    return await store.get_campaign(tx, campaign.id)


async def cancel_campaign(tx: WorkspaceTx, actor: Actor, campaign_id: UUID, *, now: datetime) -> Campaign:
    """End a campaign for good: nobody who has not got a message yet will get one.

    Raises:
        CampaignMoveRefused: the campaign is a draft or has ended.

    """
    actor.require(Permission.CAMPAIGNS_SEND)
    campaign, status = await _lock_for(tx, campaign_id, Move.CANCEL)
    unfed = _rows(await tx.execute(store.SQL["cancel_recipients"], tx.workspace_id, campaign.id))
    queued = await cancel_queued(tx, campaign.id)
    never_accepted = await tx.fetchval(store.SQL["count_unaccepted"], tx.workspace_id, campaign.id)
    unsent = campaign.reserved if campaign.prepared_at is None else min(campaign.reserved, unfed + never_accepted)
    # Usage before the counters of the campaign, as the send path takes them: so nobody waits in a circle.
    await quota.release(tx, unsent, now)
    if unfed:
        await tx.execute(store.SQL["move_cancelled_stats"], tx.workspace_id, campaign.id, unfed, now)
    if queued:
        await tx.execute(store.SQL["move_unqueued_stats"], tx.workspace_id, campaign.id, queued, now)
    await tx.execute(store.SQL["set_reserved"], tx.workspace_id, campaign.id, 0)
    await store.set_status(tx, campaign.id, status, now)
    await store.write_log(tx, campaign.id, "cancelled", now, actor_id=actor.user_id)
    tx.publish(CampaignCancelled(workspace_id=tx.workspace_id, campaign_id=campaign.id, cancelled=unfed + queued))
    return await store.get_campaign(tx, campaign.id)


async def _lock_for(tx: WorkspaceTx, campaign_id: UUID, move: Move) -> tuple[Campaign, CampaignStatus]:
    campaign = await store.get_campaign(tx, campaign_id, for_update=True)
    status = next_status(campaign.status, move)
    if status is None:
        raise CampaignMoveRefused(status=campaign.status.value, move=move.value)
    return campaign, status


def _rows(tag: str) -> int:
    return int(tag.rpartition(" ")[2])
