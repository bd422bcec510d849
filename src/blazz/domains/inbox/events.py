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
class MessageQueued(Event):
    """A person or an API client queued a message."""

    type: ClassVar[str] = "message.queued"
    message_id: UUID
    contact_id: UUID
    number_id: UUID
