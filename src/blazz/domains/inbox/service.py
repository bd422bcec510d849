"""What people and API clients read of messages and conversations, and that they have read them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from blazz.domains.inbox import store
from blazz.domains.inbox.errors import NotReceived
from blazz.domains.inbox.events import MessageRead
from blazz.domains.inbox.media import MarkRead
from blazz.domains.inbox.types import Conversation, MessageFilter, StoredMessage
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.errors import NotFound


async def list_conversations(
    tx: WorkspaceTx, actor: Actor, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Conversation]:
    """One page of conversations, newest first; ``limit + 1`` rows tell whether there are more."""
    actor.require(Permission.CONVERSATIONS_READ)
    return await store.list_conversations(tx, before, limit + 1)


async def list_thread(
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


async def list_messages(
    tx: WorkspaceTx, actor: Actor, which: MessageFilter, before: UUID | None, limit: int
) -> Sequence[StoredMessage]:
    """One page of the workspace's messages that pass a filter, newest first; one row more tells of the next page."""
    actor.require(Permission.CONVERSATIONS_READ)
    return await store.list_messages(tx, which, before, limit + 1)


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


async def mark_read(tx: WorkspaceTx, actor: Actor, message_id: UUID, now: datetime, *, typing: bool) -> StoredMessage:
    """Mark a customer's message, and all older ones of the conversation, as read here and at the provider.

    With ``typing`` the customer sees for a moment that an answer is being written.

    Raises:
        NotFound: no such message here.
        NotReceived: the message is one of ours.

    """
    actor.require(Permission.MESSAGES_SEND)
    message = await store.find_message(tx, message_id)
    if message is None:
        raise NotFound
    if message.direction != 0:
        raise NotReceived
    row = await tx.fetchrow(store.SQL["mark_read_here"], tx.workspace_id, message_id, now)
    tx.defer(MarkRead(workspace_id=tx.workspace_id, message_id=str(message_id), typing=typing))
    if row is not None:
        tx.publish(
            MessageRead(
                workspace_id=tx.workspace_id,
                message_id=message_id,
                conversation_id=row["id"],
                unread_count=row["unread_count"],
            )
        )
    read = await store.find_message(tx, message_id)
    assert read is not None
    return read
