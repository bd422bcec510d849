"""Queues one message of a person or an API client: every rule is checked first, then all of it is written or nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import msgspec

from blazz.domains.billing import reserve_messages
from blazz.domains.channels import Number, NumberStatus, find_default_number, get_number
from blazz.domains.channels.content import JsonValue, Reaction, to_json
from blazz.domains.channels.pause_texts import pause_text
from blazz.domains.contacts import (
    ContactFields,
    ContactNotFound,
    create_contact,
    find_contact,
    get_contact,
    get_identities,
)
from blazz.domains.inbox import store
from blazz.domains.inbox.composing import Composed, TemplateWish, compose
from blazz.domains.inbox.errors import (
    ContentRefused,
    MessageNotReferable,
    NoAddress,
    NoSender,
    PhoneRequired,
    RecipientOptedOut,
    SenderDisconnected,
    WindowClosed,
)
from blazz.domains.inbox.events import MessageQueued
from blazz.domains.inbox.media import require_files
from blazz.domains.inbox.outgoing_text import preview_of
from blazz.domains.inbox.queueing import enqueue_messages
from blazz.domains.inbox.types import Lane, NewOutbound, Origin
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.errors import FieldProblem
from blazz.kernel.ids import InvalidIdError, decode_id, new_uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message somebody wants to send.

    To a contact or to a phone number in any form (``to``), from a number or from the workspace's default one.
    ``content`` is content in its JSON form or a template to fill; ``pointer`` names the field of the request that held
    it. ``reply_to`` is an id of ours or the provider's. ``idempotency_key`` makes the same request have one effect for
    ever.
    """

    content: TemplateWish | object
    contact_id: UUID | None = None
    to: str | None = None
    number_id: UUID | None = None
    reply_to: str | None = None
    client_reference: str | None = None
    idempotency_key: str | None = None
    pointer: str = "/content"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recipient:
    contact_id: UUID
    address: str
    is_phone: bool
    opted_out: bool


async def send_message(tx: WorkspaceTx, actor: Actor, draft: Draft, now: datetime) -> UUID:
    """Queue one message ahead of all bulk; answer its id.

    Raises:
        ContentRefused, ValuesMissing, ValuesRefused, MessageNotReferable: the request names something impossible.
        TemplateNotFound, TemplateNotApproved: the number's account cannot send this template.
        NoSender, SenderDisconnected: there is no number to send from.
        ContactNotFound, InvalidPhone, NoAddress, PhoneRequired: there is nobody to send to.
        RecipientOptedOut: marketing to a person who stopped it.
        WindowClosed: free-form content outside the service window.
        QuotaReached: the plan allows no more messages.

    """
    actor.require(Permission.MESSAGES_SEND)
    message_id = new_uuid7()
    if draft.idempotency_key is not None:
        known = await _sent_before(tx, draft, message_id)
        if known is not None:
            return known
    number = await _sender(tx, draft.number_id)
    composed = await compose(tx, number.account_id, draft.content, pointer=draft.pointer)
    recipient = await _recipient(tx, actor, draft)
    if composed.is_marketing and recipient.opted_out:
        raise RecipientOptedOut
    if composed.needs_phone and not recipient.is_phone:
        raise PhoneRequired
    if not composed.is_template and not await _window_is_open(tx, number.id, recipient.contact_id, now):
        raise WindowClosed
    composed = await _refer(tx, composed, recipient)
    content = to_json(composed.content)
    problems = await require_files(tx, number.id, content)
    if problems:
        raise ContentRefused(tuple(replace(item, pointer="/content" + item.pointer) for item in problems))
    reply_to = await _provider_id(tx, draft.reply_to, recipient, "/reply_to") if draft.reply_to else None
    await reserve_messages(tx, actor, 1, now)
    await _queue(tx, actor, draft, composed, recipient, number.id, message_id, reply_to, content)
    return message_id


async def _sent_before(tx: WorkspaceTx, draft: Draft, message_id: UUID) -> UUID | None:
    """Claim the request's key in the ledger; the message's id when the very same request was served before."""
    mark = hashlib.blake2b(repr(replace(draft, idempotency_key="")).encode(), digest_size=16).hexdigest()
    key = f"request:{draft.idempotency_key}:{mark}"
    if await store.remember_provider_ids(tx, [(key, message_id)]):
        return None
    return (await store.resolve_provider_ids(tx, [key]))[key]


async def _sender(tx: WorkspaceTx, number_id: UUID | None) -> Number:
    number_id = number_id or await find_default_number(tx)
    if number_id is None:
        raise NoSender
    number = await get_number(tx, Actor.system(tx.workspace_id, "sending", Permission.NUMBERS_READ), number_id)
    if number.status is not NumberStatus.CONNECTED or number.paused_reason is not None:
        shown = number.display_name or number.phone or ""
        status = number.paused_reason or number.status.value
        why = pause_text(status)
        raise SenderDisconnected(number=shown, status=status, reason_en=why.en, reason_id=why.id)
    return number


async def _recipient(tx: WorkspaceTx, actor: Actor, draft: Draft) -> _Recipient:
    # Whoever may send may also be told whom a message goes to; a number nobody knows yet becomes a contact.
    system = Actor.system(tx.workspace_id, "sending", Permission.CONTACTS_READ, Permission.CONTACTS_WRITE)
    if draft.contact_id is not None:
        contact = await get_contact(tx, system, draft.contact_id)
    else:
        try:
            contact = await find_contact(tx, system, draft.to or "")
        except ContactNotFound:
            fields = ContactFields(phone=draft.to)
            contact = await create_contact(tx, replace(system, user_id=actor.user_id), fields)
    address = contact.phone
    if address is None:
        known = await get_identities(tx, system, contact.id)
        address = next((item.value for item in known if item.kind == "bsuid"), None)
    if address is None:
        raise NoAddress
    return _Recipient(
        contact_id=contact.id,
        address=address.lstrip("+"),
        is_phone=contact.phone is not None,
        opted_out=contact.opted_out_at is not None,
    )


async def _window_is_open(tx: WorkspaceTx, number_id: UUID, contact_id: UUID, now: datetime) -> bool:
    row = await tx.fetchrow(store.SQL["find_conversation"], tx.workspace_id, number_id, contact_id)
    return row is not None and row["window_closes_at"] is not None and row["window_closes_at"] > now


async def _refer(tx: WorkspaceTx, composed: Composed, recipient: _Recipient) -> Composed:
    content = composed.content
    if not isinstance(content, Reaction):
        return composed
    known = await _provider_id(tx, content.message_id, recipient, "/content/message_id")
    return replace(composed, content=replace(content, message_id=known))


async def _provider_id(tx: WorkspaceTx, given: str, recipient: _Recipient, pointer: str) -> str:
    """Turn an id of ours into the provider's; an id of the provider's stays as it is."""
    try:
        message_id = decode_id("msg", given)
    except InvalidIdError:
        return given
    message = await store.find_message(tx, message_id)
    if message is None or message.contact_id != recipient.contact_id or message.provider_message_id is None:
        raise MessageNotReferable(
            (FieldProblem(pointer=pointer, code="reference_unknown", message=MessageNotReferable.message),)
        )
    return message.provider_message_id


async def _queue(
    tx: WorkspaceTx,
    actor: Actor,
    draft: Draft,
    composed: Composed,
    recipient: _Recipient,
    number_id: UUID,
    message_id: UUID,
    reply_to: str | None,
    content: Mapping[str, JsonValue],
) -> None:
    conversation_id = await tx.fetchval(
        store.SQL["start_conversation"],
        tx.workspace_id,
        new_uuid7(),
        recipient.contact_id,
        number_id,
        preview_of(composed.kind, composed.body),
    )
    outbound = NewOutbound(
        message_id=message_id,
        number_id=number_id,
        contact_id=recipient.contact_id,
        address=recipient.address,
        kind=composed.kind,
        body=composed.body,
        content_json=msgspec.json.encode(content).decode(),
        lane=Lane.INTERACTIVE,
        origin=Origin.AGENT if actor.kind == "user" else Origin.API,
        conversation_id=conversation_id,
        author_id=actor.user_id,
        reply_to=reply_to,
        client_reference=draft.client_reference,
        marketing=composed.is_marketing,
    )
    await enqueue_messages(tx, [outbound])
    tx.publish(
        MessageQueued(
            workspace_id=tx.workspace_id, message_id=message_id, contact_id=recipient.contact_id, number_id=number_id
        )
    )
