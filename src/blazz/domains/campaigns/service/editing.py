"""Create, change and delete campaigns that have not started."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blazz.domains.billing import require_room
from blazz.domains.campaigns import store
from blazz.domains.campaigns.errors import (
    AudienceEmpty,
    AudienceUnknown,
    CampaignNotEditable,
    NumberUnusable,
    TemplateUnusable,
    VariableInvalid,
)
from blazz.domains.campaigns.rendering import CONTACT_FIELDS
from blazz.domains.campaigns.transitions import EDITABLE
from blazz.domains.campaigns.types import Audience, AutoPause, Campaign, CampaignStatus, VariableSource
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import encode_id, new_uuid7

_PREFIXES = {"group": "grp", "category": "cat", "contact": "con", "campaign": "cmp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignInput:
    """Everything an editor decides about a campaign."""

    name: str
    number_id: UUID
    template_id: UUID
    audience: Audience
    variables: Mapping[str, VariableSource]
    auto_pause: AutoPause


async def create_campaign(tx: WorkspaceTx, actor: Actor, given: CampaignInput, *, now: datetime) -> Campaign:
    """Store a new draft.

    Raises:
        QuotaReached: the plan allows no further campaign.
        NumberUnusable, TemplateUnusable, AudienceEmpty, AudienceUnknown, VariableInvalid: the input names something
            that does not exist or chooses nobody.

    """
    actor.require(Permission.CAMPAIGNS_WRITE)
    present = await tx.fetchval(store.SQL["count_campaigns"], tx.workspace_id)
    await require_room(tx, "campaigns", present, 1, now)
    await _check(tx, given)
    campaign_id = new_uuid7()
    await tx.execute(
        store.SQL["insert_campaign"],
        tx.workspace_id,
        campaign_id,
        given.name,
        given.number_id,
        given.template_id,
        store.as_json(given.audience),
        store.as_json(given.variables),
        store.as_json(given.auto_pause),
        actor.user_id,
        now,
    )
    await tx.execute(store.SQL["insert_stats"], tx.workspace_id, campaign_id, now)
    await store.write_log(tx, campaign_id, "created", now, actor_id=actor.user_id)
    return await store.get_campaign(tx, campaign_id)


async def update_campaign(
    tx: WorkspaceTx, actor: Actor, campaign_id: UUID, given: CampaignInput, *, now: datetime
) -> Campaign:
    """Replace what an editor decided.

    Raises:
        CampaignNotEditable: the campaign has started.
        NumberUnusable, TemplateUnusable, AudienceEmpty, AudienceUnknown, VariableInvalid: as for a new one.

    """
    actor.require(Permission.CAMPAIGNS_WRITE)
    campaign = await _get_editable(tx, campaign_id)
    await _check(tx, given)
    await tx.execute(
        store.SQL["update_campaign"],
        tx.workspace_id,
        campaign.id,
        given.name,
        given.number_id,
        given.template_id,
        store.as_json(given.audience),
        store.as_json(given.variables),
        store.as_json(given.auto_pause),
        now,
    )
    await store.write_log(tx, campaign.id, "updated", now, actor_id=actor.user_id)
    return await store.get_campaign(tx, campaign.id)


async def delete_campaign(tx: WorkspaceTx, actor: Actor, campaign_id: UUID, *, now: datetime) -> None:
    """Delete a draft or a scheduled campaign.

    Raises:
        CampaignNotEditable: the campaign has started; its history stays.

    """
    actor.require(Permission.CAMPAIGNS_WRITE)
    campaign = await _get_editable(tx, campaign_id)
    if campaign.status is CampaignStatus.SCHEDULED:
        # A deleted row must not look due to the worker.
        await tx.execute(store.SQL["set_schedule"], tx.workspace_id, campaign.id, CampaignStatus.DRAFT.value, None, now)
    await tx.execute(store.SQL["delete_campaign"], tx.workspace_id, campaign.id, now)
    await store.write_log(tx, campaign.id, "deleted", now, actor_id=actor.user_id)


async def _get_editable(tx: WorkspaceTx, campaign_id: UUID) -> Campaign:
    campaign = await store.get_campaign(tx, campaign_id, for_update=True)
    if campaign.status not in EDITABLE:
        raise CampaignNotEditable(status=campaign.status.value)
    return campaign


async def _check(tx: WorkspaceTx, given: CampaignInput) -> None:
    sender = await store.find_sender(tx, given.number_id)
    if sender is None:
        raise NumberUnusable
    template = await store.find_template(tx, given.template_id)
    if template is None or template.account_id != sender.account_id:
        raise TemplateUnusable
    if given.audience.include.is_empty:
        raise AudienceEmpty
    unknown = await store.unknown_in_audience(tx, given.audience)
    if unknown:
        raise AudienceUnknown(unknown=", ".join(encode_id(_PREFIXES[kind], item) for kind, item in unknown[:5]))
    for key, source in given.variables.items():
        if not _is_usable(source):
            raise VariableInvalid(variable=key)


def _is_usable(source: VariableSource) -> bool:
    if source.field is None:
        return source.text is not None
    is_known = source.field in CONTACT_FIELDS or (
        source.field.startswith("attributes.") and len(source.field) > len("attributes.")
    )
    return is_known and source.text is None
