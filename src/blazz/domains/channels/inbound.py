"""What providers tell us, in one form for all of them: receipts, messages and news about accounts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from .failures import SendFailure
from .inbound_content import (
    InboundCallPermission,
    InboundChoice,
    InboundContacts,
    InboundContent,
    InboundEdit,
    InboundFlowReply,
    InboundLocation,
    InboundMedia,
    InboundOrder,
    InboundReaction,
    InboundRevoke,
    InboundSystem,
    InboundText,
    InboundUnsupported,
    InboundWelcome,
    OrderItem,
    RawObject,
)

__all__ = [
    "AccountUpdated",
    "CapabilityChanged",
    "DeliveryStatus",
    "InboundCallPermission",
    "InboundChoice",
    "InboundContacts",
    "InboundContent",
    "InboundEdit",
    "InboundEvent",
    "InboundFlowReply",
    "InboundLocation",
    "InboundMedia",
    "InboundMessage",
    "InboundOrder",
    "InboundReaction",
    "InboundRevoke",
    "InboundSystem",
    "InboundText",
    "InboundUnsupported",
    "InboundWelcome",
    "MessageContext",
    "MessageEcho",
    "NumberErrors",
    "NumberNameChanged",
    "NumberQualityChanged",
    "OrderItem",
    "PreferenceChanged",
    "Pricing",
    "RawObject",
    "Referral",
    "Sender",
    "StatusUpdate",
    "TemplateCategoryChanged",
    "TemplateComponentsChanged",
    "TemplateQualityChanged",
    "TemplateStatusChanged",
    "Unrecognised",
    "UserIdChanged",
    "WebhookBatch",
]


class DeliveryStatus(StrEnum):
    """How far a message has come; a played voice message was also read, and a read one also delivered."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Pricing:
    """How the provider will bill a message."""

    billable: bool | None = None
    category: str | None = None
    model: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """A receipt for a message of ours; ``opaque_id`` is the id we sent along, ``at`` is in UTC."""

    provider_account_id: str
    provider_number_id: str
    provider_message_id: str
    status: DeliveryStatus
    at: datetime
    opaque_id: str | None = None
    recipient_wa_id: str | None = None
    recipient_bsuid: str | None = None
    errors: tuple[SendFailure, ...] = ()
    pricing: Pricing | None = None
    conversation_id: str | None = None
    conversation_origin: str | None = None
    conversation_expires_at: datetime | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who wrote; a phone (``wa_id``) or a business-scoped id may be missing, not both in a well-formed message."""

    wa_id: str | None = None
    bsuid: str | None = None
    parent_bsuid: str | None = None
    username: str | None = None
    profile_name: str | None = None
    identity_key_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageContext:
    """What a message answers or where it came from."""

    replied_message_id: str | None = None
    replied_sender: str | None = None
    forwarded: bool = False
    frequently_forwarded: bool = False
    catalog_id: str | None = None
    product_retailer_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """The advertisement that led the person here; ``raw`` holds everything the provider told."""

    source_type: str | None = None
    source_id: str | None = None
    source_url: str | None = None
    headline: str | None = None
    body: str | None = None
    click_id: str | None = None
    raw: RawObject


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """A message from a person; ``raw`` is the provider's own object with every field, known or not."""

    provider_account_id: str
    provider_number_id: str
    provider_message_id: str
    sender: Sender
    at: datetime
    content: InboundContent
    raw: RawObject
    context: MessageContext | None = None
    referral: Referral | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEcho:
    """What the owner sent from the phone app of a shared number."""

    provider_account_id: str
    provider_number_id: str
    provider_message_id: str
    recipient_wa_id: str | None
    recipient_bsuid: str | None
    at: datetime
    content: InboundContent
    raw: RawObject


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateStatusChanged:
    """A template was approved, rejected, paused, …; ``event`` is the provider's word."""

    provider_account_id: str
    provider_template_id: str
    name: str
    language: str
    event: str
    reason: str | None
    category: str | None
    details: RawObject
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateQualityChanged:
    """A template's quality moved between GREEN, YELLOW, RED and UNKNOWN."""

    provider_account_id: str
    provider_template_id: str
    name: str
    language: str
    previous: str | None
    current: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCategoryChanged:
    """A template's category changed, or will change when only ``correct`` is given."""

    provider_account_id: str
    provider_template_id: str
    name: str
    language: str
    previous: str | None
    current: str | None
    correct: str | None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateComponentsChanged:
    """A template's text was edited at the provider; the template must be read again."""

    provider_account_id: str
    provider_template_id: str
    name: str
    language: str
    details: RawObject
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberQualityChanged:
    """A number's quality, limit or throughput changed; it is named by its display number only."""

    provider_account_id: str
    display_phone_number: str
    event: str
    current_limit: str | None
    previous_limit: str | None
    details: RawObject
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberNameChanged:
    """The review of a number's display name ended."""

    provider_account_id: str
    display_phone_number: str
    decision: str
    requested_name: str | None
    rejection_reason: str | None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityChanged:
    """The account's messaging limit or number of numbers changed; ``messaging_limit`` -1 means unlimited."""

    provider_account_id: str
    messaging_limit: str | None
    max_numbers: int | None
    details: RawObject
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUpdated:
    """News about the account; ``field`` is the webhook field and ``event`` the provider's word."""

    provider_account_id: str
    field: str
    event: str
    details: RawObject
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceChanged:
    """A person stopped, resumed or signed up for marketing."""

    provider_account_id: str
    provider_number_id: str | None
    wa_id: str | None
    bsuid: str | None
    category: str
    value: Literal["stop", "resume", "signup"]
    at: datetime
    signup_id: str | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserIdChanged:
    """A person's business-scoped id changed; whatever was known under the old one belongs to the new one."""

    provider_account_id: str
    provider_number_id: str | None
    wa_id: str | None
    previous_bsuid: str | None
    current_bsuid: str
    details: RawObject
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberErrors:
    """Errors the provider reports about a number without naming a message."""

    provider_account_id: str
    provider_number_id: str
    errors: tuple[SendFailure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrecognised:
    """A piece that was not understood; ``raw`` is what arrived and ``reason`` a short stable word."""

    provider_account_id: str | None
    field: str | None
    reason: str
    raw: object


InboundEvent: TypeAlias = (
    StatusUpdate
    | InboundMessage
    | MessageEcho
    | TemplateStatusChanged
    | TemplateQualityChanged
    | TemplateCategoryChanged
    | TemplateComponentsChanged
    | NumberQualityChanged
    | NumberNameChanged
    | CapabilityChanged
    | AccountUpdated
    | PreferenceChanged
    | UserIdChanged
    | NumberErrors
    | Unrecognised
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookBatch:
    """Everything one webhook body said, in its order."""

    events: tuple[InboundEvent, ...]
