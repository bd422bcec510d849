"""The statements that people and senders wait for, with the index each must use at a million rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

LAST = UUID(int=(1 << 128) - 1)
FIRST = UUID(int=0)
_INBOX, _CAMPAIGNS, _CONTACTS = (f"domains/{name}/queries.sql" for name in ("inbox", "campaigns", "contacts"))
_IMPORTS = "domains/contacts/imports/queries.sql"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Values that exist in the seeded workspace."""

    workspace_id: int
    number_id: UUID
    campaign_id: UUID
    group_id: UUID
    contact_ids: list[UUID]
    message_ids: list[UUID]
    queued_ids: list[UUID]
    phones: list[str]
    provider_keys: list[bytes]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hot:
    """Arguments, the indexes that must appear, and as whom it runs."""

    arguments: Callable[[Sample], tuple[object, ...]]
    uses: tuple[str, ...]
    role: Literal["app", "system"] = "app"


def _advance(s: Sample) -> tuple[object, ...]:
    many = len(s.message_ids)
    nothing: list[object] = [None] * many
    times: list[object] = [s.now] * many
    return (s.workspace_id, s.message_ids, [40] * many, times, times, *[nothing] * 6)


def _reasons(s: Sample) -> tuple[object, object]:
    return [1.0] * len(s.queued_ids), ["x"] * len(s.queued_ids)


def _owner(s: Sample) -> UUID:
    return s.number_id


HOT: Mapping[str, Hot] = {
    f"{_INBOX}::commit_intent": Hot(
        arguments=lambda s: (s.workspace_id, s.number_id, _owner(s), 1, 100, FIRST, 90),
        uses=("outbox_queue_idx", "outbox_pkey"),
    ),
    f"{_INBOX}::requeue": Hot(
        arguments=lambda s: (s.workspace_id, s.queued_ids, *_reasons(s), _owner(s), [1] * len(s.queued_ids)),
        uses=("outbox_pkey",),
    ),
    f"{_INBOX}::mark_in_doubt": Hot(
        arguments=lambda s: (s.workspace_id, s.queued_ids, ["x"] * len(s.queued_ids), _owner(s)), uses=("outbox_pkey",)
    ),
    f"{_INBOX}::advance_messages": Hot(arguments=_advance, uses=("messages_pkey",)),
    f"{_INBOX}::cancel_messages": Hot(
        arguments=lambda s: (s.workspace_id, s.message_ids, "cancelled"), uses=("messages_pkey",)
    ),
    f"{_INBOX}::resolve_provider_ids": Hot(
        arguments=lambda s: (s.workspace_id, s.provider_keys), uses=("message_ledger_pkey",)
    ),
    f"{_INBOX}::lane_backlog": Hot(arguments=lambda s: (s.workspace_id, s.number_id, 2000), uses=("outbox_queue_idx",)),
    f"{_INBOX}::hold_campaign": Hot(arguments=lambda s: (s.workspace_id, s.campaign_id), uses=("outbox_campaign_idx",)),
    f"{_INBOX}::cancel_campaign_outbox": Hot(
        arguments=lambda s: (s.workspace_id, s.campaign_id), uses=("outbox_campaign_idx",)
    ),
    f"{_INBOX}::count_unsettled": Hot(
        arguments=lambda s: (s.workspace_id, s.campaign_id), uses=("outbox_campaign_idx",)
    ),
    f"{_INBOX}::cancel_contact_outbox": Hot(
        arguments=lambda s: (s.workspace_id, s.contact_ids[0]), uses=("messages_contact_idx", "outbox_pkey")
    ),
    f"{_INBOX}::overdue_wire_to_doubt": Hot(
        arguments=lambda s: (s.workspace_id, timedelta(seconds=30)), uses=("outbox_unsettled_idx",)
    ),
    f"{_INBOX}::workspaces_with_overdue_wire": Hot(
        arguments=lambda _: (timedelta(seconds=30),), uses=("outbox_unsettled_idx",), role="system"
    ),
    f"{_INBOX}::answered_campaigns": Hot(
        arguments=lambda s: (s.workspace_id, s.contact_ids, FIRST), uses=("messages_contact_idx",)
    ),
    f"{_INBOX}::find_conversation": Hot(
        arguments=lambda s: (s.workspace_id, s.number_id, s.contact_ids[0]), uses=("conversations_person_key",)
    ),
    f"{_INBOX}::list_conversations": Hot(
        arguments=lambda s: (s.workspace_id, s.now, LAST, 51), uses=("conversations_recent_idx", "contacts_pkey")
    ),
    f"{_INBOX}::list_thread": Hot(
        arguments=lambda s: (s.workspace_id, s.contact_ids[0], None, 51), uses=("messages_contact_idx",)
    ),
    f"{_INBOX}::get_message": Hot(arguments=lambda s: (s.workspace_id, s.message_ids[0]), uses=("messages_pkey",)),
    f"{_CAMPAIGNS}::next_recipients": Hot(
        arguments=lambda s: (s.workspace_id, s.campaign_id, FIRST, 500, False),
        uses=("campaign_recipients_pkey", "contacts_pkey"),
    ),
    f"{_CAMPAIGNS}::mark_fed": Hot(
        arguments=lambda s: (s.workspace_id, s.campaign_id, s.contact_ids, s.contact_ids, FIRST),
        uses=("campaign_recipients_pkey",),
    ),
    f"{_CAMPAIGNS}::mark_skipped": Hot(
        arguments=lambda s: (s.workspace_id, s.campaign_id, s.contact_ids, ["x"] * len(s.contact_ids)),
        uses=("campaign_recipients_pkey",),
    ),
    f"{_CAMPAIGNS}::list_recipients": Hot(
        arguments=lambda s: (s.workspace_id, s.campaign_id, None, None, None, 51),
        uses=("campaign_recipients_pkey", "contacts_pkey", "messages_pkey"),
    ),
    f"{_CAMPAIGNS}::unfinished_outbox": Hot(
        arguments=lambda s: (s.workspace_id, s.campaign_id, s.now), uses=("outbox_campaign_idx",)
    ),
    f"{_CAMPAIGNS}::people_by_phone": Hot(
        arguments=lambda s: (s.workspace_id, s.phones[:5]), uses=("contact_identities_pkey", "contacts_pkey")
    ),
    f"{_CAMPAIGNS}::active_campaigns": Hot(
        arguments=lambda s: (s.now, 2000), uses=("outbox_queue_idx",), role="system"
    ),
    f"{_CONTACTS}::get_contact": Hot(arguments=lambda s: (s.workspace_id, s.contact_ids[0]), uses=("contacts_pkey",)),
    f"{_CONTACTS}::find_by_phone": Hot(
        arguments=lambda s: (s.workspace_id, s.phones[0]), uses=("contact_identities_pkey", "contacts_pkey")
    ),
    f"{_CONTACTS}::contact_identities": Hot(
        arguments=lambda s: (s.workspace_id, s.contact_ids[0]), uses=("contact_identities_contact_idx",)
    ),
    f"{_CONTACTS}::find_identities": Hot(
        arguments=lambda s: (s.workspace_id, ["phone"] * len(s.phones), s.phones),
        uses=("contact_identities_pkey", "contacts_pkey"),
    ),
    f"{_CONTACTS}::list_contacts": Hot(
        arguments=lambda s: (s.workspace_id, LAST, 51, None, False, None), uses=("contacts_pkey",)
    ),
    f"{_CONTACTS}::list_group_contacts": Hot(
        arguments=lambda s: (s.workspace_id, LAST, 51, None, False, None, s.group_id),
        uses=("contact_group_members_pkey", "contacts_pkey"),
    ),
    f"{_CONTACTS}::contacts_by_ids": Hot(arguments=lambda s: (s.workspace_id, s.contact_ids), uses=("contacts_pkey",)),
    f"{_CONTACTS}::contacts_matching": Hot(
        arguments=lambda s: (s.workspace_id, s.contact_ids, None, False, None, None), uses=("contacts_pkey",)
    ),
    f"{_IMPORTS}::known_contacts": Hot(
        arguments=lambda s: (s.workspace_id, s.phones, s.group_id), uses=("contact_identities_pkey", "contacts_pkey")
    ),
}
