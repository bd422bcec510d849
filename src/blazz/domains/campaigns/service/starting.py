"""Start a campaign: refuse what cannot be sent, reserve the quota, freeze the audience in a job."""

from datetime import datetime
from uuid import UUID

from blazz.domains.campaigns import quota, store
from blazz.domains.campaigns.errors import CampaignNotStartable
from blazz.domains.campaigns.events import CampaignFailed, CampaignProgressed, CampaignStarted
from blazz.domains.campaigns.jobs_types import PrepareCampaign
from blazz.domains.campaigns.rendering import compile_template
from blazz.domains.campaigns.service.checks import check_startable
from blazz.domains.campaigns.transitions import Move, next_status
from blazz.domains.campaigns.types import Campaign, CampaignStatus
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.space import require_space


async def start_campaign(tx: WorkspaceTx, actor: Actor, campaign_id: UUID, *, now: datetime) -> Campaign:
    """Start a draft or scheduled campaign now: freeze its template, reserve its quota and prepare its audience.

    Raises:
        CampaignNotStartable: it has started already, or ended.
        NumberDisconnected, TemplateNotApproved, VariablesMissing, AudienceEmpty: see ``check_startable``.
        LimitReached: the message quota does not cover the audience.
        StorageFull: the disk is nearly full; a scheduled campaign waits instead.

    """
    actor.require(Permission.CAMPAIGNS_SEND)
    campaign = await store.get_campaign(tx, campaign_id, for_update=True)
    if next_status(campaign.status, Move.START) is None:
        raise CampaignNotStartable(status=campaign.status.value)
    await require_space(tx)
    checked = await check_startable(tx, campaign)
    await quota.reserve(tx, checked.audience.pending, now)
    snapshot = store.as_json(checked.template)
    await tx.execute(store.SQL["set_started"], tx.workspace_id, campaign.id, now, snapshot, checked.audience.pending)
    await store.write_log(tx, campaign.id, "started", now, reason=actor.reason or None, actor_id=actor.user_id)
    tx.publish(CampaignStarted(workspace_id=tx.workspace_id, campaign_id=campaign.id))
    tx.defer(PrepareCampaign(workspace_id=tx.workspace_id, campaign_id=str(campaign.id)))
    return await store.get_campaign(tx, campaign.id)


async def prepare_campaign(tx: WorkspaceTx, actor: Actor, campaign_id: UUID, *, now: datetime) -> bool:
    """Freeze the audience in this one transaction and let the campaign run; False when there was nothing to do.

    Safe to run again: a run that died left nothing behind, and one that finished left another state.
    """
    actor.require(Permission.CAMPAIGNS_SEND)
    campaign = await store.get_campaign(tx, campaign_id, for_update=True)
    if campaign.status is not CampaignStatus.PREPARING or campaign.template_snapshot is None:
        return False
    fields = compile_template(campaign.template_snapshot, campaign.variables).required_fields
    count = await store.freeze_audience(tx, campaign.id, campaign.audience, fields, store=True)
    # People may have come, gone or opted out since the start: the reservation follows the frozen audience.
    if count.pending > campaign.reserved:
        await quota.reserve(tx, count.pending - campaign.reserved, now)
    elif count.pending < campaign.reserved:
        await quota.release(tx, campaign.reserved - count.pending, now)
    skipped = count.chosen - count.pending
    await tx.execute(
        store.SQL["store_freeze_stats"], tx.workspace_id, campaign.id, count.chosen, skipped, count.pending, now
    )
    await tx.execute(store.SQL["set_prepared"], tx.workspace_id, campaign.id, now, count.pending)
    await store.write_log(tx, campaign.id, "prepared", now)
    stats = await store.get_stats(tx, campaign.id)
    tx.publish(
        CampaignProgressed(
            workspace_id=tx.workspace_id,
            campaign_id=campaign.id,
            status=CampaignStatus.RUNNING.value,
            stats=stats.numbers(),
        )
    )
    return True


async def fail_campaign(tx: WorkspaceTx, actor: Actor, campaign_id: UUID, reason: str, *, now: datetime) -> bool:
    """End a campaign that could not start by itself, with the code of the refusal; give its reservation back."""
    actor.require(Permission.CAMPAIGNS_SEND)
    campaign = await store.get_campaign(tx, campaign_id, for_update=True)
    status = next_status(campaign.status, Move.FAIL)
    if status is None:
        return False
    if campaign.reserved:
        await quota.release(tx, campaign.reserved, now)
        await tx.execute(store.SQL["set_reserved"], tx.workspace_id, campaign.id, 0)
    await store.set_status(tx, campaign.id, status, now, reason=reason)
    await store.write_log(tx, campaign.id, "failed", now, reason=reason)
    tx.publish(CampaignFailed(workspace_id=tx.workspace_id, campaign_id=campaign.id, reason=reason))
    return True
