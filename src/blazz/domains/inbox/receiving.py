"""Inbound messages: each once, from sender to contact to conversation to message, and STOP honoured at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blazz.domains.channels.inbound import InboundMessage, InboundSystem, InboundWelcome
from blazz.domains.contacts import Sender, Touch, identify_senders, touch_contacts
from blazz.domains.contacts.moving import move_number, move_user_id
from blazz.domains.inbox import store
from blazz.domains.inbox.events import MessageReceived
from blazz.domains.inbox.inbound_text import kind_of, message_json, text_of
from blazz.domains.inbox.media import expect_files
from blazz.domains.inbox.outcomes import OutcomeSink
from blazz.domains.inbox.types import OutcomeDelta
from blazz.domains.inbox.wishes import Asker, Wish, answer, honour, is_start_word, is_stop_word, last_campaigns
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import new_uuid7

_PREVIEW_LENGTH = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An inbound message with the number it arrived at."""

    number_id: UUID
    message: InboundMessage


@dataclass(slots=True)
class _Arrived:
    """What arrived for one conversation: the latest message, and the latest one the person wrote themselves."""

    at: datetime
    preview: str = ""
    unread: int = 0
    wrote_at: datetime | None = None


async def receive_messages(tx: WorkspaceTx, received: Sequence[Received], sink: OutcomeSink, now: datetime) -> int:
    """Store the messages that are new; answer how many were. A repeated batch stores nothing."""
    fresh = await _remember(tx, [item for item in received if _sender_of(item.message) is not None])
    if not fresh:
        return 0
    contacts = await identify_senders(tx, [_sender_of(item.message) or Sender() for _, item in fresh])
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
                inbound=_is_written(item.message),
                preview=_preview(item.message),
            )
            for message_id, item in fresh
        ],
    )
    for message_id, item in fresh:
        wish = _wish_of(item.message, people[message_id], campaigns)
        thread = threads[(people[message_id], item.number_id)]
        if wish is not None:
            await _honour(tx, item, wish, thread, sink, now)
    for _, item in fresh:
        await _follow_move(tx, item.message)
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
    """Count a campaign's reply of each person; answer the campaign each heard from last, where there is one."""
    campaigns = await last_campaigns(tx, contact_ids, now)
    replied: dict[UUID, list[UUID]] = {}
    for contact_id, campaign_id in campaigns.items():
        replied.setdefault(campaign_id, []).append(contact_id)
    if replied:
        # Whoever keeps the counters counts each person once.
        await sink(tx, [OutcomeDelta(campaign_id=one, replied_by=tuple(who)) for one, who in sorted(replied.items())])
    return campaigns


async def _open_conversations(
    tx: WorkspaceTx, fresh: Sequence[tuple[UUID, Received]], people: Mapping[UUID, UUID]
) -> dict[tuple[UUID, UUID], UUID]:
    latest: dict[tuple[UUID, UUID], _Arrived] = {}
    for message_id, item in fresh:
        arrived = latest.setdefault((people[message_id], item.number_id), _Arrived(item.message.at))
        arrived.at, arrived.preview = item.message.at, _preview(item.message)
        if _is_written(item.message):
            arrived.unread += 1
            arrived.wrote_at = item.message.at
    keys = sorted(latest)
    rows = await tx.fetch(
        store.SQL["open_conversations"],
        tx.workspace_id,
        [new_uuid7() for _ in keys],
        [key[0] for key in keys],
        [key[1] for key in keys],
        [latest[key].unread for key in keys],
        [latest[key].at for key in keys],
        [latest[key].preview for key in keys],
        [latest[key].wrote_at for key in keys],
    )
    return {(row["contact_id"], row["number_id"]): row["id"] for row in rows}


async def _store(
    tx: WorkspaceTx,
    fresh: Sequence[tuple[UUID, Received]],
    people: Mapping[UUID, UUID],
    threads: Mapping[tuple[UUID, UUID], UUID],
) -> None:
    files = await expect_files(tx, [(key, item.number_id, item.message.content) for key, item in fresh])
    await tx.execute(
        store.SQL["insert_inbound"],
        tx.workspace_id,
        [message_id for message_id, _ in fresh],
        [people[message_id] for message_id, _ in fresh],
        [item.number_id for _, item in fresh],
        [threads[(people[message_id], item.number_id)] for message_id, item in fresh],
        [kind_of(item.message.content) for _, item in fresh],
        [_body(item.message) for _, item in fresh],
        [message_json(item.message, files.get(key)) for key, item in fresh],
        [item.message.provider_message_id for _, item in fresh],
        [item.message.context.replied_message_id if item.message.context else None for _, item in fresh],
        [item.message.at for _, item in fresh],
    )


def _wish_of(message: InboundMessage, contact_id: UUID, campaigns: Mapping[UUID, UUID]) -> Wish | None:
    """Return what a message asks for when all of it is one of the words people use for that."""
    text = _body(message)
    stops = is_stop_word(text)
    if not _is_written(message) or not (stops or is_start_word(text)):
        return None
    return Wish(
        contact_id=contact_id,
        stops=stops,
        source="keyword",
        at=message.at,
        campaign_id=campaigns.get(contact_id),
    )


async def _honour(
    tx: WorkspaceTx, item: Received, wish: Wish, conversation_id: UUID, sink: OutcomeSink, now: datetime
) -> None:
    actor = Actor.system(tx.workspace_id, "keyword in a message", Permission.CONTACTS_WRITE)
    sender = item.message.sender
    address = sender.wa_id or sender.bsuid
    if await honour(tx, actor, wish, sink) and address is not None and item.message.group_id is None:
        asker = Asker(
            contact_id=wish.contact_id,
            number_id=item.number_id,
            conversation_id=conversation_id,
            address=address,
        )
        await answer(tx, asker, wish, now)


async def _follow_move(tx: WorkspaceTx, message: InboundMessage) -> None:
    """Keep a person who got a new number or user id the same contact."""
    content = message.content
    if not isinstance(content, InboundSystem):
        return
    if content.new_wa_id and message.sender.wa_id:
        await move_number(tx, message.sender.wa_id, content.new_wa_id)
    if content.new_bsuid and message.sender.bsuid != content.new_bsuid:
        await move_user_id(tx, message.sender.bsuid, content.new_bsuid, content.new_wa_id)


def _sender_of(message: InboundMessage) -> Sender | None:
    """Return whom a message is from; news about a person may name only what they became. None for nobody."""
    told, content = message.sender, message.content
    wa_id, bsuid = told.wa_id, told.bsuid
    if isinstance(content, InboundSystem) and wa_id is None and bsuid is None:
        wa_id, bsuid = content.new_wa_id, content.new_bsuid
    if wa_id is None and bsuid is None:
        return None
    return Sender(
        wa_id=wa_id,
        bsuid=bsuid,
        parent_bsuid=told.parent_bsuid,
        username=told.username,
        profile_name=told.profile_name,
    )


def _is_written(message: InboundMessage) -> bool:
    """Tell whether a person did something, rather than the provider telling news about them."""
    return not isinstance(message.content, InboundSystem | InboundWelcome)


def _body(message: InboundMessage) -> str:
    return text_of(message.content)


def _preview(message: InboundMessage) -> str:
    return (_body(message) or f"[{kind_of(message.content)}]")[:_PREVIEW_LENGTH]
