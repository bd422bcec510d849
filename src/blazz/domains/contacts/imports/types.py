"""What an import is, what it was asked to do and how far it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from blazz.kernel.tabular import TabularFormat

Policy = Literal["skip", "fill_blanks", "overwrite"]
Outcome = Literal["created", "updated", "unchanged", "duplicate", "invalid"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("created", "updated", "unchanged", "duplicate", "invalid")
TEXT_FIELDS: Final = ("name", "email", "city", "company", "external_id", "notes")


class ImportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What to do with the rows.

    ``policy`` is for contacts that exist: leave them, fill blanks, or overwrite with what the file says (a blank cell never
    erases). ``group_ids`` and ``category_id`` go to every accepted row; columns of groups and categories come on top, and
    names that do not exist are made. ``consent`` states where the people agreed to marketing; it is recorded for each.
    """

    policy: Policy = "fill_blanks"
    mapping: dict[str, str] = {}
    group_ids: tuple[UUID, ...] = ()
    category_id: UUID | None = None
    consent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An uploaded file and what became of it."""

    id: UUID
    file_name: str
    file_bytes: int
    storage_key: str
    status: str
    dry_run: bool
    options: ImportOptions
    file_format: TabularFormat
    checkpoint: int
    checkpoint_offset: int
    rollback: bool
    counts: dict[str, int]
    problem: str | None
    created_by: UUID | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    undo_until: datetime | None


class Candidate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row whose number is good; ``cells`` are kept for the error file in case it is a duplicate.

    ``new_id`` is for the contact it may become; made while reading, because that runs beside the database's work.
    """

    row_number: int
    new_id: UUID
    phone: str
    original: str
    fields: dict[str, str]
    attributes: dict[str, str]
    category: str | None
    groups: tuple[str, ...]
    cells: tuple[str, ...]


class Reject(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row that is not stored, and why."""

    row_number: int
    outcome: Outcome
    code: str
    cells: tuple[str, ...]


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """Rows read together, and where reading goes on."""

    rows: int
    candidates: list[Candidate]
    rejects: list[Reject]
    number: int
    offset: int


class FieldChange(msgspec.Struct, frozen=True):
    """How a field was and what the import wrote; undo restores it while it still holds what was written."""

    before: str | None
    after: str | None


class Before(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an import changed on a contact that existed."""

    fields: dict[str, FieldChange] = {}
    attributes: dict[str, FieldChange] = {}
    groups: tuple[UUID, ...] = ()
    restored: bool = False
