"""What providers tell us, in one form for all of them: receipts, messages and news about accounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from .failures import SendFailure

RawObject: TypeAlias = Mapping[str, object]


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
class InboundText:
    """Plain text."""

    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMedia:
    """A file; ``kind`` is image, video, audio, document or sticker, and neither name nor type may be trusted."""

    kind: str
    media_id: str
    mime_type: str | None = None
    sha256: str | None = None
    caption: str | None = None
    filename: str | None = None
    voice: bool = False
    animated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundLocation:
    """A place in decimal degrees."""

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundContacts:
    """Contact cards as the provider writes them."""

    cards: tuple[RawObject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundReaction:
    """An emoji on a message; None means it was taken back."""

    provider_message_id: str
    emoji: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundChoice:
    """A tap: ``kind`` is template_button, button_reply or list_reply; ``id`` is the payload we gave it."""

    kind: str
    id: str
    title: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFlowReply:
    """A completed flow; ``response`` is None when its JSON was not an object, ``response_json`` is always kept."""

    name: str | None
    body: str | None
    response_json: str
    response: RawObject | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundCallPermission:
    """An answer to the request to call; ``details`` is the provider's whole object."""

    accepted: bool
    details: RawObject


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderItem:
    """One line of an order; the price is as the provider wrote it."""

    product_retailer_id: str
    quantity: int
    item_price: str | None
    currency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundOrder:
    """A basket sent from a catalogue."""

    catalog_id: str | None
    text: str | None
    items: tuple[OrderItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundSystem:
    """News about the person, such as user_changed_number with the new ``wa_id``."""

    event: str
    body: str | None = None
    new_wa_id: str | None = None
    new_bsuid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundEdit:
    """A new text or caption for an earlier message."""

    original_message_id: str
    content: "InboundContent"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRevoke:
    """An earlier message was deleted for everyone."""

    original_message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundWelcome:
    """The person opened the chat for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundUnsupported:
    """Something the provider or this release cannot show; ``type`` is the provider's word."""

    type: str
    errors: tuple[SendFailure, ...] = ()


InboundContent: TypeAlias = (
    InboundText
    | InboundMedia
    | InboundLocation
    | InboundContacts
    | InboundReaction
    | InboundChoice
    | InboundFlowReply
    | InboundCallPermission
    | InboundOrder
    | InboundSystem
    | InboundEdit
    | InboundRevoke
    | InboundWelcome
    | InboundUnsupported
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateQualityChanged:
    """A template's quality moved between GREEN, YELLOW, RED and UNKNOWN."""

    provider_account_id: str
    provider_template_id: str
    name: str
    language: str
    previous: str | None
    current: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateComponentsChanged:
    """A template's text was edited at the provider; the template must be read again."""

    provider_account_id: str
    provider_template_id: str
    name: str
    language: str
    details: RawObject


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberQualityChanged:
    """A number's quality, limit or throughput changed; it is named by its display number only."""

    provider_account_id: str
    display_phone_number: str
    event: str
    current_limit: str | None
    previous_limit: str | None
    details: RawObject


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberNameChanged:
    """The review of a number's display name ended."""

    provider_account_id: str
    display_phone_number: str
    decision: str
    requested_name: str | None
    rejection_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityChanged:
    """The account's messaging limit or number of numbers changed; ``messaging_limit`` -1 means unlimited."""

    provider_account_id: str
    messaging_limit: str | None
    max_numbers: int | None
    details: RawObject


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUpdated:
    """News about the account; ``field`` is the webhook field and ``event`` the provider's word."""

    provider_account_id: str
    field: str
    event: str
    details: RawObject


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
