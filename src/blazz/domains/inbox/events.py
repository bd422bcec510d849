"""What happens in the inbox."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from blazz.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(Event):
    """A customer wrote."""

    type: ClassVar[str] = "message.received"
    message_id: UUID
    conversation_id: UUID
    contact_id: UUID
    number_id: UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaArrived(Event):
    """The file of a received message was fetched, or could not be; ``state`` is ``stored`` or ``failed``."""

    type: ClassVar[str] = "message.media_arrived"
    media_id: UUID
    message_id: UUID
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRead(Event):
    """Somebody here has read a customer's message."""

    type: ClassVar[str] = "message.read_here"
    message_id: UUID
    conversation_id: UUID | None
    unread_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChanged(Event):
    """Its sender edited or deleted a message; ``change`` is ``edited`` or ``revoked``."""

    type: ClassVar[str] = "message.changed"
    message_id: UUID
    contact_id: UUID
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEchoed(Event):
    """The owner sent a message from the phone app of a shared number."""

    type: ClassVar[str] = "message.echoed"
    message_id: UUID
    conversation_id: UUID
    contact_id: UUID
    number_id: UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationsMoved(Event):
    """Two contacts became one; every conversation and message of the one belongs to the other now."""

    type: ClassVar[str] = "conversations.moved"
    from_contact_id: UUID
    to_contact_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageQueued(Event):
    """A person or an API client queued a message."""

    type: ClassVar[str] = "message.queued"
    message_id: UUID
    contact_id: UUID
    number_id: UUID
