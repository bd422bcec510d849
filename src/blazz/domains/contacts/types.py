"""The words of the contacts domain as values."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person the workspace knows; ``phone`` is E.164, ``original_number`` as typed."""

    id: UUID
    name: str
    phone: str | None
    original_number: str | None
    email: str | None
    city: str | None
    company: str | None
    external_id: str | None
    notes: str | None
    attributes: dict[str, str]
    category_id: UUID | None
    opted_out_at: datetime | None
    unreachable_at: datetime | None
    last_message_at: datetime | None
    last_inbound_at: datetime | None
    last_message_preview: str | None
    import_id: UUID | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One way to recognise a contact."""

    kind: str
    scope: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFields:
    """What a person writes about a contact; None leaves a field empty."""

    name: str = ""
    phone: str | None = None
    email: str | None = None
    city: str | None = None
    company: str | None = None
    external_id: str | None = None
    notes: str | None = None
    attributes: dict[str, str] | None = None
    category_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A contact has at most one; ``contact_count`` counts those not in the bin."""

    id: UUID
    name: str
    description: str | None
    contact_count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A contact may be in many; ``contact_count`` counts those not in the bin."""

    id: UUID
    name: str
    description: str | None
    contact_count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One statement about what a contact agreed to."""

    id: UUID
    purpose: str
    state: str
    source: str
    detail: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A contact that was absorbed by another."""

    id: UUID
    winner_id: UUID
    loser_id: UUID
    loser_name: str
    loser_phone: str | None
    created_at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFilter:
    """Which contacts a list shows; None means any."""

    category_id: UUID | None = None
    uncategorised: bool = False
    group_id: UUID | None = None
    opted_out: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who wrote to us, as the provider tells it; at least one of ``wa_id`` and ``bsuid`` is set.

    ``previous_bsuid`` is an id the same person had before; whatever is known under it belongs to them.
    """

    wa_id: str | None = None
    bsuid: str | None = None
    parent_bsuid: str | None = None
    username: str | None = None
    profile_name: str | None = None
    previous_bsuid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A message moved a contact up in the list; ``preview`` is the beginning of its text."""

    contact_id: UUID
    last_message_at: datetime
    inbound: bool
    preview: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactField:
    """A field that templates may use; ``path`` is ``name`` or ``attributes.birthday``."""

    path: str
    label_en: str
    label_id: str
