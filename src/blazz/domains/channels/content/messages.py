"""Plain outbound content: text, media, location, contact cards and reactions."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class MediaKind(StrEnum):
    """The five media messages WhatsApp knows, and the GIF that only template headers may carry."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    STICKER = "sticker"
    GIF = "gif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text message; ``preview_url`` asks for a preview of the first link."""

    type: ClassVar[str] = "text"
    body: str
    preview_url: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A media message by uploaded ``id`` or by public https ``link`` (exactly one of the two)."""

    type: ClassVar[str] = "media"
    kind: MediaKind
    id: str | None = None
    link: str | None = None
    caption: str | None = None
    filename: str | None = None
    voice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place on the map, in decimal degrees."""

    type: ClassVar[str] = "location"
    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactName:
    """A card's name; WhatsApp wants ``formatted_name`` and at least one further part."""

    formatted_name: str
    first_name: str | None = None
    last_name: str | None = None
    middle_name: str | None = None
    prefix: str | None = None
    suffix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPhone:
    """One phone number of a card."""

    phone: str | None = None
    type: str | None = None
    wa_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEmail:
    """One e-mail address of a card."""

    email: str
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactUrl:
    """One web address of a card."""

    url: str
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAddress:
    """One postal address of a card."""

    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    country_code: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactOrganization:
    """Where the person of a card works."""

    company: str | None = None
    department: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCard:
    """One contact card; ``birthday`` is written YYYY-MM-DD."""

    name: ContactName
    phones: tuple[ContactPhone, ...] = ()
    emails: tuple[ContactEmail, ...] = ()
    urls: tuple[ContactUrl, ...] = ()
    addresses: tuple[ContactAddress, ...] = ()
    org: ContactOrganization | None = None
    birthday: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCards:
    """A message of one or more contact cards."""

    type: ClassVar[str] = "contacts"
    cards: tuple[ContactCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """An emoji on an earlier message; an empty ``emoji`` takes the reaction back."""

    type: ClassVar[str] = "reaction"
    message_id: str
    emoji: str = ""
