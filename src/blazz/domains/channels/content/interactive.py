"""Interactive outbound content: buttons, lists, links, flows, catalogues and requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from .messages import MediaKind

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderText:
    """A line of text above the body."""

    type: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderMedia:
    """A picture, video or document above the body, by ``id`` or ``link``; it takes no caption."""

    type: ClassVar[str] = "media"
    kind: MediaKind
    id: str | None = None
    link: str | None = None
    filename: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyButton:
    """A button whose ``id`` comes back when it is tapped."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyButtons:
    """One to three reply buttons."""

    type: ClassVar[str] = "button"
    buttons: tuple[ReplyButton, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One choice of a list."""

    id: str
    title: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSection:
    """A group of choices; the title is needed when there is more than one group."""

    rows: tuple[ListRow, ...]
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMenu:
    """A list that opens from a button."""

    type: ClassVar[str] = "list"
    button: str
    sections: tuple[ListSection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CtaUrl:
    """A button that opens a web address."""

    type: ClassVar[str] = "cta_url"
    display_text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLaunch:
    """A button that opens a flow, by id or by name."""

    type: ClassVar[str] = "flow"
    flow_cta: str
    flow_token: str
    flow_id: str | None = None
    flow_name: str | None = None
    mode: Literal["published", "draft"] = "published"
    flow_action: Literal["navigate", "data_exchange"] = "navigate"
    screen: str | None = None
    data: JsonObject | None = None
    flow_message_version: str = "3"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationRequest:
    """Asks the person to send a location."""

    type: ClassVar[str] = "location_request_message"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactInfoRequest:
    """Asks for the phone number of a person known only by a business-scoped id."""

    type: ClassVar[str] = "request_contact_info"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceCall:
    """A button that calls the business inside WhatsApp."""

    type: ClassVar[str] = "voice_call"
    display_text: str
    ttl_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPermissionRequest:
    """Asks whether the business may call."""

    type: ClassVar[str] = "call_permission_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product of a catalogue."""

    type: ClassVar[str] = "product"
    catalog_id: str
    product_retailer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSection:
    """A titled group of products, by retailer id."""

    title: str
    product_retailer_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductList:
    """Several products of one catalogue; needs a text header."""

    type: ClassVar[str] = "product_list"
    catalog_id: str
    sections: tuple[ProductSection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogMessage:
    """A button that opens the whole catalogue."""

    type: ClassVar[str] = "catalog_message"
    thumbnail_product_retailer_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CarouselCard:
    """One card: a picture or video, a short text, and quick replies or one link."""

    header: HeaderMedia
    action: ReplyButtons | CtaUrl
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carousel:
    """Two to ten cards side by side."""

    type: ClassVar[str] = "carousel"
    cards: tuple[CarouselCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDetails:
    """An order to review and pay; ``parameters`` is the payment object as the market's rules define it."""

    type: ClassVar[str] = "order_details"
    parameters: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStatus:
    """News about an order that was sent before."""

    type: ClassVar[str] = "order_status"
    reference_id: str
    status: str
    description: str | None = None


Header: TypeAlias = HeaderText | HeaderMedia
Action: TypeAlias = (
    ReplyButtons
    | ListMenu
    | CtaUrl
    | FlowLaunch
    | LocationRequest
    | ContactInfoRequest
    | VoiceCall
    | CallPermissionRequest
    | Product
    | ProductList
    | CatalogMessage
    | Carousel
    | OrderDetails
    | OrderStatus
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactive:
    """A message with something to tap; ``action`` says what."""

    type: ClassVar[str] = "interactive"
    action: Action
    body: str | None = None
    header: Header | None = None
    footer: str | None = None
