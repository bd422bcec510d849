"""What stands in the way of starting a campaign, and what starting it would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blazz.domains.campaigns import quota, store
from blazz.domains.campaigns.errors import (
    AudienceEmpty,
    NumberDisconnected,
    NumberUnusable,
    TemplateNotApproved,
    TemplateUnsupported,
    TemplateUnusable,
    VariablesMissing,
)
from blazz.domains.campaigns.rendering import CompiledTemplate, compile_template
from blazz.domains.campaigns.types import AudienceCount, Blocker, Campaign, Preflight, Sender, TemplateSnapshot
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.errors import AppError, Message

_QUOTA = Message(
    en="The message quota leaves {remaining} messages; this campaign needs {wanted}.",
    id="Sisa kuota pesan {remaining}; kampanye ini memerlukan {wanted}.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A campaign that may start: its sender, its template as it will be frozen, and its audience counted."""

    sender: Sender
    template: TemplateSnapshot
    compiled: CompiledTemplate
    audience: AudienceCount


async def check_startable(tx: WorkspaceTx, campaign: Campaign) -> Checked:
    """Look at everything a start needs, the audience included.

    Raises:
        NumberUnusable, NumberDisconnected, TemplateUnusable, TemplateNotApproved, TemplateUnsupported,
        VariablesMissing, AudienceEmpty: the first thing found in the way.

    """
    sender = await usable_sender(tx, campaign)
    template = await usable_template(tx, campaign, sender)
    compiled = compile_template(template, campaign.variables)
    fields = compiled.required_fields
    audience = await store.freeze_audience(tx, campaign.id, campaign.audience, fields, store=False)
    if audience.missing_variables:
        raise VariablesMissing(variables=", ".join(fields), people=audience.missing_variables)
    if audience.pending == 0:
        raise AudienceEmpty
    return Checked(sender=sender, template=template, compiled=compiled, audience=audience)


async def usable_sender(tx: WorkspaceTx, campaign: Campaign) -> Sender:
    """Load the campaign's number.

    Raises:
        NumberUnusable: it is gone.
        NumberDisconnected: it cannot send now.

    """
    sender = await store.find_sender(tx, campaign.number_id)
    if sender is None:
        raise NumberUnusable
    if not sender.is_connected:
        raise NumberDisconnected(number=sender.label, status=sender.account_paused_reason or sender.status)
    return sender


async def usable_template(tx: WorkspaceTx, campaign: Campaign, sender: Sender) -> TemplateSnapshot:
    """Load the campaign's template.

    Raises:
        TemplateUnusable: it is gone, or belongs to another account than the number.
        TemplateNotApproved: the provider does not accept it.

    """
    template = await store.find_template(tx, campaign.template_id)
    if template is None or template.account_id != sender.account_id:
        raise TemplateUnusable
    if template.status.upper() != "APPROVED":
        raise TemplateNotApproved(template=template.name, status=template.status)
    return template


async def preflight_campaign(tx: WorkspaceTx, actor: Actor, campaign_id: UUID, *, now: datetime) -> Preflight:
    """Count the audience exactly, estimate the duration and list every blocker, without changing anything."""
    actor.require(Permission.CAMPAIGNS_READ)
    campaign = await store.get_campaign(tx, campaign_id)
    blockers: list[AppError] = []
    fields: Sequence[str] = ()
    sender = await store.find_sender(tx, campaign.number_id)
    if sender is None:
        blockers.append(NumberUnusable())
    else:
        if not sender.is_connected:
            status = sender.account_paused_reason or sender.status
            blockers.append(NumberDisconnected(number=sender.label, status=status))
        try:
            template = await usable_template(tx, campaign, sender)
            fields = compile_template(template, campaign.variables).required_fields
        except (TemplateUnusable, TemplateNotApproved, TemplateUnsupported, VariablesMissing) as error:
            blockers.append(error)
    audience = await store.freeze_audience(tx, campaign.id, campaign.audience, fields, store=False)
    if audience.missing_variables:
        blockers.append(VariablesMissing(variables=", ".join(fields), people=audience.missing_variables))
    if audience.pending == 0:
        blockers.append(AudienceEmpty())
    remaining = await quota.remaining(tx, now)
    found = [Blocker(code=error.code, detail=error.data, message=error.message) for error in blockers]
    if audience.pending > remaining:
        detail = {"wanted": audience.pending, "remaining": remaining}
        found.append(Blocker(code="quota_exceeded", detail=detail, message=_QUOTA))
    rate = sender.messages_per_second if sender else 1
    limit = sender.messaging_limit if sender else None
    return Preflight(
        audience=audience,
        duration_seconds=duration_seconds(audience.pending, rate, limit),
        messaging_limit=limit,
        messages_per_second=rate,
        exceeds_messaging_limit=limit is not None and 0 <= limit < audience.pending,
        blockers=tuple(found),
    )


def duration_seconds(people: int, messages_per_second: int, messaging_limit: int | None) -> float:
    """Estimate how long sending takes: the rate, and a day's wait each time the 24-hour limit is used up.

    The provider writes no limit as -1.
    """
    sending = people / messages_per_second
    if not messaging_limit or messaging_limit < 0 or people <= messaging_limit:
        return sending
    full_days = (people - 1) // messaging_limit
    return full_days * 86_400 + (people - full_days * messaging_limit) / messages_per_second
