"""What people and API clients do with messages and conversations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from blazz.domains.billing import reserve_messages
from blazz.domains.channels.content import Content, TemplateMessage, to_json, validate
from blazz.domains.contacts import get_contact
from blazz.domains.inbox import store
from blazz.domains.inbox.events import MessageQueued
from blazz.domains.inbox.queueing import enqueue_messages
from blazz.domains.inbox.types import Conversation, Lane, NewOutbound, Origin, StoredMessage
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.errors import Conflict, FieldProblem, InvalidInput, Message, NotFound
from blazz.kernel.ids import new_uuid7


class WindowClosed(Conflict):
    """Only templates may be sent more than 24 hours after the person's last message."""

    code = "window_closed"
    message = Message(
        en="This person last wrote more than 24 hours ago; send an approved template instead.",
        id="Orang ini terakhir menulis lebih dari 24 jam lalu; kirim templat yang sudah disetujui.",
    )


class NoAddress(Conflict):
    """The contact has no number to send to."""

    code = "recipient_invalid"
    message = Message(en="This contact has no phone number.", id="Kontak ini tidak punya nomor telepon.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message a person or an API client wants to send to a contact from a number."""

    contact_id: UUID
    number_id: UUID
    content: Content
    body: str
    reply_to: str | None = None
    client_reference: str | None = None


async def send_message(tx: WorkspaceTx, actor: Actor, draft: Draft, now: datetime) -> UUID:
    """Queue one message ahead of all bulk; answer its id.

    Raises:
        InvalidInput: the content breaks a documented limit.
        WindowClosed: free-form content outside the service window.
        NoAddress: the contact has no number.
        QuotaReached: the plan allows no more messages.

    """
    actor.require(Permission.MESSAGES_SEND)
    problems = validate(draft.content)
    if problems:
        raise InvalidInput(
            tuple(
                FieldProblem(pointer=item.pointer, code=item.code, message=Message(en=item.en, id=item.id))
                for item in problems
            )
        )
    contact = await get_contact(tx, actor, draft.contact_id)
    if contact.phone is None:
        raise NoAddress
    row = await tx.fetchrow(store.SQL["find_conversation"], tx.workspace_id, draft.number_id, draft.contact_id)
    is_template = isinstance(draft.content, TemplateMessage)
    if not is_template and (row is None or row["window_closes_at"] is None or row["window_closes_at"] <= now):
        raise WindowClosed
    await reserve_messages(tx, actor, 1, now)
    conversation_id = await tx.fetchval(
        store.SQL["start_conversation"],
        tx.workspace_id,
        new_uuid7(),
        draft.contact_id,
        draft.number_id,
        draft.body[:120],
    )
    message_id = new_uuid7()
    outbound = _outbound(actor, draft, message_id, conversation_id, contact.phone)
    await enqueue_messages(tx, [outbound])
    tx.publish(
        MessageQueued(
            workspace_id=tx.workspace_id,
            message_id=message_id,
            contact_id=draft.contact_id,
            number_id=draft.number_id,
        )
    )
    return message_id


def _outbound(actor: Actor, draft: Draft, message_id: UUID, conversation_id: UUID, phone: str) -> NewOutbound:
    return NewOutbound(
        message_id=message_id,
        number_id=draft.number_id,
        contact_id=draft.contact_id,
        address=phone.lstrip("+"),
        kind=_kind_of(draft.content),
        body=draft.body,
        content_json=msgspec.json.encode(to_json(draft.content)).decode(),
        lane=Lane.INTERACTIVE,
        origin=Origin.AGENT if actor.kind == "user" else Origin.API,
        conversation_id=conversation_id,
        author_id=actor.user_id,
        reply_to=draft.reply_to,
        client_reference=draft.client_reference,
    )


def _kind_of(content: Content) -> str:
    return "template" if isinstance(content, TemplateMessage) else type(content).__name__.lower()


async def list_conversations(
    tx: WorkspaceTx, actor: Actor, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Conversation]:
    """One page of conversations, newest first; ``limit + 1`` rows tell whether there are more."""
    actor.require(Permission.CONVERSATIONS_READ)
    return await store.list_conversations(tx, before, limit + 1)


async def list_messages(
    tx: WorkspaceTx, actor: Actor, conversation_id: UUID, before: UUID | None, limit: int
) -> Sequence[StoredMessage]:
    """One page of a conversation's messages, newest first.

    Raises:
        NotFound: no such conversation here.

    """
    actor.require(Permission.CONVERSATIONS_READ)
    thread = await store.find_conversation(tx, conversation_id)
    if thread is None:
        raise NotFound
    return await store.list_thread(tx, thread.contact_id, before, limit + 1)


async def get_message(tx: WorkspaceTx, actor: Actor, message_id: UUID) -> StoredMessage:
    """One message.

    Raises:
        NotFound: no such message here.

    """
    actor.require(Permission.CONVERSATIONS_READ)
    message = await store.find_message(tx, message_id)
    if message is None:
        raise NotFound
    return message
