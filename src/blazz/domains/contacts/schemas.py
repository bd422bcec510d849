"""What the contacts API takes and gives."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from blazz.domains.contacts.bin import BIN_PERIOD
from blazz.domains.contacts.types import Category, Consent, Contact, Group, Identity, Merge
from blazz.kernel.ids import encode_id

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=255, pattern=r"^[^\x00]*$")]
LongText = Annotated[str, StringConstraints(max_length=65_535, pattern=r"^[^\x00]*$")]
AttributeName = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00]*$")]
AttributeValue = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00]*$")]
Attributes = Annotated[dict[AttributeName, AttributeValue], Field(max_length=100)]
IdText = Annotated[str, StringConstraints(max_length=40)]


class ContactIn(BaseModel):
    """A contact to make; the number may be typed in any form."""

    model_config = ConfigDict(extra="forbid")

    name: Text = ""
    phone: Text | None = None
    email: Text | None = None
    city: Text | None = None
    company: Text | None = None
    external_id: Text | None = None
    notes: LongText | None = None
    attributes: Attributes = Field(default_factory=dict)
    category_id: IdText | None = None


class ContactPatch(BaseModel):
    """Fields to change; what is absent stays, null empties. ``attributes`` replaces all of them."""

    model_config = ConfigDict(extra="forbid")

    name: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    city: Text | None = None
    company: Text | None = None
    external_id: Text | None = None
    notes: LongText | None = None
    attributes: Attributes | None = None
    category_id: IdText | None = None


class IdentityOut(BaseModel):
    """One way to recognise a contact."""

    kind: str
    value: str


class ContactOut(BaseModel):
    """A contact."""

    id: str
    name: str
    phone: str | None
    original_number: str | None
    email: str | None
    city: str | None
    company: str | None
    external_id: str | None
    notes: str | None
    attributes: dict[str, str]
    category_id: str | None
    opted_out_at: datetime | None
    unreachable_at: datetime | None
    last_message_at: datetime | None
    last_inbound_at: datetime | None
    last_message_preview: str | None
    created_at: datetime
    updated_at: datetime


class ContactDetail(ContactOut):
    """A contact with the ways to recognise it."""

    identities: list[IdentityOut]


class BinnedOut(ContactOut):
    """A contact in the bin; it is purged at `purge_at`."""

    deleted_at: datetime
    purge_at: datetime


class MergeOut(BaseModel):
    """A contact that was absorbed by this one."""

    id: str
    contact_id: str
    name: str
    phone: str | None
    created_at: datetime
    undone_at: datetime | None


class ConsentIn(BaseModel):
    """A statement of the contact: granted or withdrawn, and where it was made."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["granted", "withdrawn"]
    source: Name
    detail: AttributeValue | None = None


class ConsentOut(BaseModel):
    """A recorded statement."""

    purpose: str
    state: str
    source: str
    detail: str | None
    created_at: datetime


class NamedIn(BaseModel):
    """A category or group to make."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    description: LongText | None = None


class NamedPatch(BaseModel):
    """What to change on a category or group."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    description: LongText | None = None


class NamedOut(BaseModel):
    """A category or group with its number of contacts."""

    id: str
    name: str
    description: str | None
    contact_count: int
    created_at: datetime
    updated_at: datetime


class MembersIn(BaseModel):
    """Contacts to put into a group or to take out of it."""

    model_config = ConfigDict(extra="forbid")

    contact_ids: Annotated[list[IdText], Field(min_length=1, max_length=1_000)]


class MembersOut(BaseModel):
    """How many contacts were really moved."""

    changed: int


class FieldOut(BaseModel):
    """A contact field that templates may use."""

    path: str
    label: str


def contact_out(contact: Contact) -> ContactOut:
    """Shape a contact."""
    return ContactOut.model_validate(_values(contact))


def binned_out(contact: Contact) -> BinnedOut:
    """Shape a contact of the bin."""
    assert contact.deleted_at is not None
    times = {"deleted_at": contact.deleted_at, "purge_at": contact.deleted_at + BIN_PERIOD}
    return BinnedOut.model_validate({**_values(contact), **times})


def merge_out(merge: Merge) -> MergeOut:
    """Shape a merge."""
    return MergeOut(
        id=encode_id("mrg", merge.id),
        contact_id=encode_id("con", merge.loser_id),
        name=merge.loser_name,
        phone=merge.loser_phone,
        created_at=merge.created_at,
        undone_at=merge.undone_at,
    )


def contact_detail(contact: Contact, identities: list[Identity]) -> ContactDetail:
    """Shape a contact with its identities."""
    shown = [IdentityOut(kind=identity.kind, value=identity.value) for identity in identities]
    return ContactDetail.model_validate({**_values(contact), "identities": shown})


def _values(contact: Contact) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(contact, name) for name in ContactOut.model_fields}
    values["id"] = encode_id("con", contact.id)
    values["category_id"] = encode_id("cat", contact.category_id) if contact.category_id else None
    return values


def consent_out(consent: Consent) -> ConsentOut:
    """Shape a consent."""
    return ConsentOut(
        purpose=consent.purpose,
        state=consent.state,
        source=consent.source,
        detail=consent.detail,
        created_at=consent.created_at,
    )


def named_out(prefix: str, item: Category | Group) -> NamedOut:
    """Shape a category or group."""
    return NamedOut(
        id=encode_id(prefix, item.id),
        name=item.name,
        description=item.description,
        contact_count=item.contact_count,
        created_at=item.created_at,
        updated_at=item.updated_at,
    )
