"""Look at campaigns: one, many, their counters, their people and their log."""

from collections.abc import Sequence
from uuid import UUID

from blazz.domains.campaigns import store
from blazz.domains.campaigns.types import Campaign, CampaignStatus, LogEntry, Recipient, RecipientState, Stats
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx


async def get_campaign(tx: WorkspaceTx, actor: Actor, campaign_id: UUID) -> Campaign:
    """Load one campaign.

    Raises:
        CampaignNotFound: no such campaign in this workspace.

    """
    actor.require(Permission.CAMPAIGNS_READ)
    return await store.get_campaign(tx, campaign_id)


async def list_campaigns(
    tx: WorkspaceTx, actor: Actor, *, limit: int, before: UUID | None = None, status: CampaignStatus | None = None
) -> list[Campaign]:
    """List up to ``limit`` campaigns older than ``before``, newest first."""
    actor.require(Permission.CAMPAIGNS_READ)
    return await store.list_campaigns(tx, before=before, status=status, limit=limit)


async def get_stats(tx: WorkspaceTx, actor: Actor, campaign_id: UUID) -> Stats:
    """Load the counters of one campaign.

    Raises:
        CampaignNotFound: no such campaign in this workspace.

    """
    actor.require(Permission.CAMPAIGNS_READ)
    await store.get_campaign(tx, campaign_id)
    return await store.get_stats(tx, campaign_id)


async def list_stats(tx: WorkspaceTx, actor: Actor, campaign_ids: Sequence[UUID]) -> dict[UUID, Stats]:
    """Load the counters of several campaigns by id; unknown ids are left out."""
    actor.require(Permission.CAMPAIGNS_READ)
    return await store.list_stats(tx, campaign_ids)


async def list_recipients(
    tx: WorkspaceTx,
    actor: Actor,
    campaign_id: UUID,
    *,
    limit: int,
    after: UUID | None = None,
    state: RecipientState | None = None,
    statuses: Sequence[int] | None = None,
) -> list[Recipient]:
    """List people of the frozen audience after ``after``, optionally only of a state or of message statuses.

    Raises:
        CampaignNotFound: no such campaign in this workspace.

    """
    actor.require(Permission.CAMPAIGNS_READ)
    await store.get_campaign(tx, campaign_id)
    return await store.list_recipients(tx, campaign_id, after=after, state=state, statuses=statuses, limit=limit)


async def list_log(
    tx: WorkspaceTx, actor: Actor, campaign_id: UUID, *, limit: int, before: UUID | None = None
) -> list[LogEntry]:
    """List who or what changed the campaign, newest first.

    Raises:
        CampaignNotFound: no such campaign in this workspace.

    """
    actor.require(Permission.CAMPAIGNS_READ)
    await store.get_campaign(tx, campaign_id)
    return await store.list_log(tx, campaign_id, before=before, limit=limit)
