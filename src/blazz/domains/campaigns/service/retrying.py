"""Send again to those whose message failed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from blazz.domains.campaigns import quota, store
from blazz.domains.campaigns.errors import CampaignMoveRefused, NothingToRetry
from blazz.domains.campaigns.events import CampaignResumed
from blazz.domains.campaigns.transitions import Move, next_status
from blazz.domains.campaigns.types import Campaign, CampaignStatus
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx


async def retry_failed(
    tx: WorkspaceTx, actor: Actor, campaign_id: UUID, *, now: datetime, contact_ids: Sequence[UUID] | None = None
) -> tuple[Campaign, int]:
    """Queue everyone whose message failed again, or only some of them; return the campaign and how many.

    People who opted out stay out, and those whom the provider's marketing cap kept back stay out for 24 hours.

    Raises:
        CampaignMoveRefused: the campaign has not started, or was cancelled.
        NothingToRetry: nobody's message failed in a way that allows another try.
        LimitReached: the message quota does not cover them.

    """
    actor.require(Permission.CAMPAIGNS_SEND)
    campaign = await store.get_campaign(tx, campaign_id, for_update=True)
    status = next_status(campaign.status, Move.RETRY)
    if status is None:
        raise CampaignMoveRefused(status=campaign.status.value, move=Move.RETRY.value)
    # Messages first, the counter row last, as everybody who brings outcomes does: so nobody waits in a circle.
    people, accepted, failures = await store.retry_recipients(tx, campaign.id, now, contact_ids)
    if people == 0:
        raise NothingToRetry
    # While the campaign was open, those never accepted kept their reservation; completing it gave it back.
    wanted = people if campaign.status is CampaignStatus.COMPLETED else accepted
    held = 0 if campaign.status is CampaignStatus.COMPLETED else campaign.reserved
    await quota.reserve(tx, wanted, now)
    moved = store.as_json({code: -count for code, count in failures.items()})
    await tx.execute(store.SQL["move_retried_stats"], tx.workspace_id, campaign.id, people, accepted, moved, now)
    # Pending people may now lie behind the cursor.
    await tx.execute(store.SQL["set_cursor"], tx.workspace_id, campaign.id, None)
    await tx.execute(store.SQL["set_reserved"], tx.workspace_id, campaign.id, held + wanted)
    await store.set_status(tx, campaign.id, status, now, reason=campaign.paused_reason)
    await store.write_log(tx, campaign.id, "retried", now, reason=str(people), actor_id=actor.user_id)
    if status is not campaign.status:
        tx.publish(CampaignResumed(workspace_id=tx.workspace_id, campaign_id=campaign.id))
    return await store.get_campaign(tx, campaign.id), people
