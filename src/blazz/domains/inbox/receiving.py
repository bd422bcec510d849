"""Inbound messages: each once, from sender to contact to conversation to message, and STOP honoured at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from blazz.domains.channels.inbound import InboundMessage
from blazz.domains.contacts import Sender, Touch, identify_senders, opt_in, opt_out, touch_contacts
from blazz.domains.inbox import store
from blazz.domains.inbox.events import MessageReceived
from blazz.domains.inbox.inbound_text import content_json, kind_of, text_of
from blazz.domains.inbox.outcomes import OutcomeSink
from blazz.domains.inbox.queueing import cancel_bulk_for_contact
from blazz.domains.inbox.types import OutcomeDelta
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import first_uuid7, new_uuid7

_STOP_WORDS = frozenset(
    {"stop", "berhenti", "unsub", "unsubscribe", "stop promo", "berhenti langganan", "jangan kirim lagi"}
)
_START_WORDS = frozenset({"start", "mulai", "lanjut", "lanjutkan"})
_REPLY_WINDOW = timedelta(days=7)
_PREVIEW_LENGTH = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An inbound message with the number it arrived at."""

    number_id: UUID
    message: InboundMessage


def is_stop_word(text: str) -> bool:
    """Tell whether the whole message asks to receive no more promotions."""
    return _plain(text) in _STOP_WORDS


def is_start_word(text: str) -> bool:
    """Tell whether the whole message asks to receive promotions again."""
    return _plain(text) in _START_WORDS


def _plain(text: str) -> str:
    return " ".join(text.casefold().strip(" .!?\"'\n\t").split())


async def receive_messages(tx: WorkspaceTx, received: Sequence[Received], sink: OutcomeSink, now: datetime) -> int:
    """Store the messages that are new; answer how many were. A repeated batch stores nothing."""
    fresh = await _remember(tx, received)
    if not fresh:
        return 0
    contacts = await identify_senders(
        tx,
        [
            Sender(
                wa_id=item.message.sender.wa_id,
                bsuid=item.message.sender.bsuid,
                parent_bsuid=item.message.sender.parent_bsuid,
                username=item.message.sender.username,
                profile_name=item.message.sender.profile_name,
            )
            for _, item in fresh
        ],
    )
    people = dict(zip([message_id for message_id, _ in fresh], contacts, strict=True))
    campaigns = await _count_replies(tx, sorted(set(people.values())), sink, now)
    threads = await _open_conversations(tx, fresh, people)
    await _store(tx, fresh, people, threads)
    await touch_contacts(
        tx,
        [
            Touch(
                contact_id=people[message_id],
                last_message_at=item.message.at,
                inbound=True,
                preview=_preview(item.message),
            )
            for message_id, item in fresh
        ],
    )
    await _honour_wishes(tx, fresh, people, campaigns, sink)
    tx.publish(
        *(
            MessageReceived(
                workspace_id=tx.workspace_id,
                message_id=message_id,
                conversation_id=threads[(people[message_id], item.number_id)],
                contact_id=people[message_id],
                number_id=item.number_id,
                kind=kind_of(item.message.content),
            )
            for message_id, item in fresh
        )
    )
    return len(fresh)


async def _remember(tx: WorkspaceTx, received: Sequence[Received]) -> list[tuple[UUID, Received]]:
    """Claim each provider id in the ledger; whoever comes second finds it taken."""
    by_key = {store.provider_key(item.message.provider_message_id): item for item in received}
    ordered = sorted(by_key.items())
    ids = {key: new_uuid7() for key, _ in ordered}
    new = await store.remember_provider_ids(tx, [(item.message.provider_message_id, ids[key]) for key, item in ordered])
    fresh = [(ids[key], item) for key, item in ordered if key in new]
    return sorted(fresh, key=lambda pair: pair[1].message.at)


async def _count_replies(
    tx: WorkspaceTx, contact_ids: Sequence[UUID], sink: OutcomeSink, now: datetime
) -> dict[UUID, UUID]:
    """Count a campaign's first reply of each person, before the new messages are stored.

    Returns the campaign each person heard from last, where there is one.
    """
    rows = await tx.fetch(
        store.SQL["answered_campaigns"], tx.workspace_id, list(contact_ids), first_uuid7(now - _REPLY_WINDOW)
    )
    replied: dict[UUID, list[UUID]] = {}
    for row in rows:
        if row["is_first"]:
            replied.setdefault(row["campaign_id"], []).append(row["contact_id"])
    if replied:
        await sink(tx, [OutcomeDelta(campaign_id=one, replied_by=tuple(who)) for one, who in sorted(replied.items())])
    return {row["contact_id"]: row["campaign_id"] for row in rows}


async def _open_conversations(
    tx: WorkspaceTx, fresh: Sequence[tuple[UUID, Received]], people: Mapping[UUID, UUID]
) -> dict[tuple[UUID, UUID], UUID]:
    latest: dict[tuple[UUID, UUID], tuple[int, datetime, str]] = {}
    for message_id, item in fresh:
        key = (people[message_id], item.number_id)
        unread = latest[key][0] + 1 if key in latest else 1
        latest[key] = (unread, item.message.at, _preview(item.message))
    keys = sorted(latest)
    rows = await tx.fetch(
        store.SQL["open_conversations"],
        tx.workspace_id,
        [new_uuid7() for _ in keys],
        [key[0] for key in keys],
        [key[1] for key in keys],
        [latest[key][0] for key in keys],
        [latest[key][1] for key in keys],
        [latest[key][2] for key in keys],
    )
    return {(row["contact_id"], row["number_id"]): row["id"] for row in rows}


async def _store(
    tx: WorkspaceTx,
    fresh: Sequence[tuple[UUID, Received]],
    people: Mapping[UUID, UUID],
    threads: Mapping[tuple[UUID, UUID], UUID],
) -> None:
    await tx.execute(
        store.SQL["insert_inbound"],
        tx.workspace_id,
        [message_id for message_id, _ in fresh],
        [people[message_id] for message_id, _ in fresh],
        [item.number_id for _, item in fresh],
        [threads[(people[message_id], item.number_id)] for message_id, item in fresh],
        [kind_of(item.message.content) for _, item in fresh],
        [_body(item.message) for _, item in fresh],
        [content_json(item.message.content) for _, item in fresh],
        [item.message.provider_message_id for _, item in fresh],
        [item.message.context.replied_message_id if item.message.context else None for _, item in fresh],
        [item.message.at for _, item in fresh],
    )


async def _honour_wishes(
    tx: WorkspaceTx,
    fresh: Sequence[tuple[UUID, Received]],
    people: Mapping[UUID, UUID],
    campaigns: Mapping[UUID, UUID],
    sink: OutcomeSink,
) -> None:
    actor = Actor.system(tx.workspace_id, "keyword in a message", Permission.CONTACTS_WRITE)
    for message_id, item in fresh:
        text = _body(item.message)
        if is_stop_word(text):
            contact_id = people[message_id]
            await opt_out(tx, actor, contact_id, source="keyword")
            await cancel_bulk_for_contact(tx, contact_id, sink)
            if contact_id in campaigns:
                await sink(tx, [OutcomeDelta(campaign_id=campaigns[contact_id], opted_out_by=(contact_id,))])
        elif is_start_word(text):
            await opt_in(tx, actor, people[message_id], source="keyword")


def _body(message: InboundMessage) -> str:
    return text_of(message.content)


def _preview(message: InboundMessage) -> str:
    return (_body(message) or f"[{kind_of(message.content)}]")[:_PREVIEW_LENGTH]
