"""Applies what the provider tells beside messages: templates, accounts, numbers, and what people want to receive."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import get_args
from uuid import UUID

from blazz.domains.channels import hold_number
from blazz.domains.channels.failures import Pauses
from blazz.domains.channels.inbound import (
    AccountUpdated,
    CapabilityChanged,
    InboundEvent,
    NumberErrors,
    NumberNameChanged,
    NumberQualityChanged,
    PreferenceChanged,
    UserIdChanged,
)
from blazz.domains.channels.news import apply_account_news
from blazz.domains.contacts import Sender, identify_senders
from blazz.domains.contacts.moving import move_user_id
from blazz.domains.inbox import store
from blazz.domains.inbox.outcomes import OutcomeSink
from blazz.domains.inbox.wishes import Wish, honour, last_campaigns
from blazz.domains.templates import SyncTemplates, TemplateNews, apply_template_status, needs_reading
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx

_HOLD = timedelta(hours=1)
_MARKETING = "marketing_messages"
_TEMPLATE_NEWS = get_args(TemplateNews)
_ACCOUNT_NEWS = (NumberQualityChanged, NumberNameChanged, CapabilityChanged, AccountUpdated)


@dataclass(slots=True)
class News:
    """News for one workspace: by account, by number, and about people."""

    by_account: dict[UUID, list[InboundEvent]] = field(default_factory=dict)
    number_errors: list[tuple[UUID, NumberErrors]] = field(default_factory=list)
    preferences: list[PreferenceChanged] = field(default_factory=list)
    user_ids: list[UserIdChanged] = field(default_factory=list)

    def add(self, account_id: UUID, number_id: UUID | None, event: InboundEvent) -> bool:
        """Take an event in; False when it is none of these."""
        if isinstance(event, _TEMPLATE_NEWS + _ACCOUNT_NEWS):
            self.by_account.setdefault(account_id, []).append(event)
        elif isinstance(event, PreferenceChanged):
            self.preferences.append(event)
        elif isinstance(event, UserIdChanged):
            self.user_ids.append(event)
        elif isinstance(event, NumberErrors) and number_id is not None:
            self.number_errors.append((number_id, event))
        else:
            return False
        return True

    def count(self) -> int:
        """Count the events."""
        about = sum(map(len, self.by_account.values()))
        return about + len(self.number_errors) + len(self.preferences) + len(self.user_ids)


async def apply_news(tx: WorkspaceTx, news: News, sink: OutcomeSink, now: datetime) -> None:
    """Apply everything; a repeated batch changes nothing."""
    for account_id, events in sorted(news.by_account.items()):
        about_templates = [event for event in events if isinstance(event, _TEMPLATE_NEWS)]
        await apply_template_status(tx, account_id, about_templates)
        if needs_reading(about_templates):
            tx.defer(SyncTemplates(workspace_id=tx.workspace_id, account_id=str(account_id)))
        about_account = [event for event in events if isinstance(event, _ACCOUNT_NEWS)]
        stopped = await apply_account_news(tx, account_id, about_account)
        if stopped:
            await tx.execute(store.SQL["evict_lanes"], tx.workspace_id, sorted(stopped))
    for number_id, errors in news.number_errors:
        await _hold(tx, number_id, errors, now)
    await _follow_people(tx, news.user_ids)
    await _prefer(tx, news.preferences, sink, now)


async def _hold(tx: WorkspaceTx, number_id: UUID, told: NumberErrors, now: datetime) -> None:
    """Hold a number the provider has trouble with, as an answer to a send with the same error would."""
    for failure in told.errors:
        if failure.pauses in {Pauses.NUMBER, Pauses.ACCOUNT}:
            until = now + _HOLD
            await hold_number(tx, number_id, failure.code.value, until)
            await store.hold_lane(tx, tx.workspace_id, number_id, until, failure.code.value)


async def _follow_people(tx: WorkspaceTx, changes: Sequence[UserIdChanged]) -> None:
    for change in changes:
        await move_user_id(tx, change.previous_bsuid, change.current_bsuid, change.wa_id)


async def _prefer(tx: WorkspaceTx, preferences: Sequence[PreferenceChanged], sink: OutcomeSink, now: datetime) -> None:
    wanted = sorted((one for one in preferences if one.category == _MARKETING), key=lambda one: one.at)
    if not wanted:
        return
    people = await identify_senders(tx, [Sender(wa_id=one.wa_id, bsuid=one.bsuid) for one in wanted])
    campaigns = await last_campaigns(tx, sorted(set(people)), now)
    actor = Actor.system(tx.workspace_id, "a choice made in WhatsApp", Permission.CONTACTS_WRITE)
    for contact_id, one in zip(people, wanted, strict=True):
        wish = Wish(
            contact_id=contact_id,
            stops=one.value == "stop",
            source="whatsapp",
            at=one.at,
            detail=one.signup_id or one.detail,
            campaign_id=campaigns.get(contact_id),
        )
        await honour(tx, actor, wish, sink)
