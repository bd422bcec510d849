"""What a message from a person can hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from .failures import SendFailure

RawObject: TypeAlias = Mapping[str, object]


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
