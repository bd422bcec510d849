"""Template messages as they are sent: components and their parameters."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias

from .interactive import Interactive, JsonObject, ProductSection
from .messages import ContactCards, Location, Media, MediaKind, Reaction, Text


class ButtonKind(StrEnum):
    """Buttons of a template that can take a parameter when the message is sent."""

    QUICK_REPLY = "quick_reply"
    URL = "url"
    COPY_CODE = "copy_code"
    FLOW = "flow"
    CATALOG = "catalog"
    MPM = "mpm"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextParameter:
    """A value for one variable; ``name`` only with templates made with named parameters."""

    type: ClassVar[str] = "text"
    text: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyParameter:
    """An amount shown in the reader's form; ``amount_1000`` is the amount times 1000."""

    type: ClassVar[str] = "currency"
    fallback_value: str
    code: str
    amount_1000: int
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateTimeParameter:
    """A date or time, written out."""

    type: ClassVar[str] = "date_time"
    fallback_value: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaParameter:
    """The picture, video, GIF or document of a header."""

    type: ClassVar[str] = "media"
    kind: MediaKind
    id: str | None = None
    link: str | None = None
    filename: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationParameter:
    """The place of a location header."""

    type: ClassVar[str] = "location"
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductParameter:
    """The product of a product header."""

    type: ClassVar[str] = "product"
    catalog_id: str
    product_retailer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadParameter:
    """What a quick reply sends back when it is tapped."""

    type: ClassVar[str] = "payload"
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponParameter:
    """The code of a copy-code button."""

    type: ClassVar[str] = "coupon_code"
    coupon_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowParameter:
    """The token and first data of a flow button."""

    type: ClassVar[str] = "flow"
    flow_token: str
    flow_action_data: JsonObject | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogParameter:
    """The product pictured on a catalogue button."""

    type: ClassVar[str] = "catalog"
    thumbnail_product_retailer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductsParameter:
    """The products behind a multi-product button."""

    type: ClassVar[str] = "products"
    thumbnail_product_retailer_id: str
    sections: tuple[ProductSection, ...]


HeaderParameter: TypeAlias = TextParameter | MediaParameter | LocationParameter | ProductParameter
BodyParameter: TypeAlias = TextParameter | CurrencyParameter | DateTimeParameter
ButtonParameter: TypeAlias = (
    TextParameter | PayloadParameter | CouponParameter | FlowParameter | CatalogParameter | ProductsParameter
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderComponent:
    """The value of the header."""

    type: ClassVar[str] = "header"
    parameter: HeaderParameter


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyComponent:
    """The values of the body, in order of appearance or by name."""

    type: ClassVar[str] = "body"
    parameters: tuple[BodyParameter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonComponent:
    """The value of one button; ``index`` counts from 0 over all buttons of the template."""

    type: ClassVar[str] = "button"
    kind: ButtonKind
    index: int
    parameter: ButtonParameter


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitedTimeOfferComponent:
    """When the offer ends, in epoch milliseconds."""

    type: ClassVar[str] = "limited_time_offer"
    expiration_time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCard:
    """The values of one carousel card."""

    card_index: int
    components: tuple[HeaderComponent | BodyComponent | ButtonComponent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarouselComponent:
    """The values of every carousel card."""

    type: ClassVar[str] = "carousel"
    cards: tuple[TemplateCard, ...]


TemplateComponent: TypeAlias = (
    HeaderComponent | BodyComponent | ButtonComponent | LimitedTimeOfferComponent | CarouselComponent
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketingDelivery:
    """Sends the template through the provider's marketing door instead of the ordinary one."""

    message_activity_sharing: bool | None = None
    product_policy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateMessage:
    """An approved template with its values."""

    type: ClassVar[str] = "template"
    name: str
    language: str
    components: tuple[TemplateComponent, ...] = ()
    marketing: MarketingDelivery | None = None


Content: TypeAlias = Text | Media | Location | ContactCards | Reaction | Interactive | TemplateMessage
