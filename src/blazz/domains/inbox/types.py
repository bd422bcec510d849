"""Words of the inbox: states of messages, lanes of the outbox, and what passes between its parts.

What is made for every message sent is a msgspec struct: one is made in a fifth of the time of a frozen dataclass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import NewType
from uuid import UUID

import msgspec

from blazz.domains.inbox.media.types import Attached

MessageId = NewType("MessageId", UUID)
ConversationId = NewType("ConversationId", UUID)


class MessageStatus(IntEnum):
    """How far a message got; among provider states a larger number is further."""

    RECEIVED = 0
    QUEUED = 10
    IN_DOUBT = 25
    ACCEPTED = 30
    SENT = 35
    DELIVERED = 40
    READ = 50
    PLAYED = 55
    FAILED = 90
    CANCELLED = 95


class Origin(IntEnum):
    """Who caused a message."""

    CUSTOMER = 0
    AGENT = 1
    CAMPAIGN = 2
    API = 3
    AUTOMATION = 4
    PHONE_APP = 5


class Lane(IntEnum):
    """Interactive messages overtake bulk ones of the same number."""

    INTERACTIVE = 0
    BULK = 1


class OutboxState(IntEnum):
    """Where an outgoing message stands before the provider has answered for it."""

    QUEUED = 0
    ON_WIRE = 1
    IN_DOUBT = 2
    HELD = 3


class NewOutbound(msgspec.Struct, frozen=True, kw_only=True):
    """A message to queue. ``content_json`` is the stored form of the provider content; ``body`` what people read."""

    message_id: UUID
    number_id: UUID
    contact_id: UUID
    address: str
    kind: str
    body: str
    content_json: str
    lane: Lane
    origin: Origin
    campaign_id: UUID | None = None
    conversation_id: UUID | None = None
    author_id: UUID | None = None
    reply_to: str | None = None
    client_reference: str | None = None
    marketing: bool = False


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """News of one message: the furthest status and the first instant of each; None where nothing is known."""

    message_id: UUID
    status: MessageStatus
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    failed_at: datetime | None = None
    provider_message_id: str | None = None
    error_code: str | None = None
    provider_error: int | None = None


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """What the news changed in one stored message; the counters of campaigns follow from it."""

    message_id: UUID
    contact_id: UUID
    campaign_id: UUID | None
    old_status: int
    new_status: int
    accepted: int
    delivered: int
    read: int
    error_code: str | None
    old_error_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeDelta:
    """Changes to the counters of one campaign; ``failures`` counts by error code.

    Replies and opt-outs name the people: each of them counts once per campaign, however often the news comes.
    """

    campaign_id: UUID
    queued: int = 0
    accepted: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    in_doubt: int = 0
    cancelled: int = 0
    replied_by: tuple[UUID, ...] = ()
    opted_out_by: tuple[UUID, ...] = ()
    failures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """One message as lists and threads show it; ``content`` is its stored form as JSON text."""

    id: UUID
    contact_id: UUID
    number_id: UUID
    conversation_id: UUID | None
    campaign_id: UUID | None
    direction: int
    origin: int
    status: int
    kind: str
    body: str
    content: str
    author_id: UUID | None
    reply_to: str | None
    client_reference: str | None
    error_code: str | None
    provider_error: int | None
    provider_message_id: str | None
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """Which messages a list shows; None means any."""

    contact_id: UUID | None = None
    number_id: UUID | None = None
    direction: int | None = None
    statuses: tuple[MessageStatus, ...] | None = None
    origin: Origin | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The thread of one person on one number."""

    id: UUID
    contact_id: UUID
    number_id: UUID
    contact_name: str
    contact_phone: str | None
    status: str
    unread_count: int
    window_closes_at: datetime | None
    last_message_at: datetime
    preview: str


class WireMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message whose intent to send is committed: the provider may be called now, once."""

    message_id: UUID
    contact_id: UUID
    campaign_id: UUID | None
    address: str
    lane: int
    attempts: int
    content_json: str
    reply_to: str | None
    opted_out: bool
    marketing: bool
    pushbacks: int
    attached: Attached | None = None
