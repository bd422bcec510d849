"""What happened to contacts and imports."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from blazz.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCreated(Event):
    """A person made a contact."""

    type: ClassVar[str] = "contact.created"
    contact_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactUpdated(Event):
    """Fields of a contact changed."""

    type: ClassVar[str] = "contact.updated"
    contact_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDeleted(Event):
    """A contact went to the bin."""

    type: ClassVar[str] = "contact.deleted"
    contact_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRestored(Event):
    """A contact came back from the bin."""

    type: ClassVar[str] = "contact.restored"
    contact_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsMerged(Event):
    """Two contacts turned out to be one person; everything of the loser belongs to the winner now."""

    type: ClassVar[str] = "contact.merged"
    winner_id: UUID
    loser_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsUnmerged(Event):
    """A merge was undone; the loser is a contact of its own again."""

    type: ClassVar[str] = "contact.unmerged"
    winner_id: UUID
    loser_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsPurged(Event):
    """Contacts lay in the bin for their time; what is known of these people is gone, and others should forget it too."""

    type: ClassVar[str] = "contact.purged"
    contact_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactOptedOut(Event):
    """A contact does not want marketing messages any more."""

    type: ClassVar[str] = "contact.opted_out"
    contact_id: UUID
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactOptedIn(Event):
    """A contact agreed to marketing messages."""

    type: ClassVar[str] = "contact.opted_in"
    contact_id: UUID
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProgressed(Event):
    """A chunk of an import was stored; the counts are totals so far."""

    type: ClassVar[str] = "contact_import.progressed"
    import_id: UUID
    status: str
    rows: int
    created: int
    updated: int
    unchanged: int
    duplicate: int
    invalid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFinished(Event):
    """An import or dry run ended; ``status`` says how."""

    type: ClassVar[str] = "contact_import.finished"
    import_id: UUID
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCleaned(Event):
    """The uploaded file and the kept rows of an import were removed after their time."""

    type: ClassVar[str] = "contact_import.cleaned"
    import_id: UUID
