"""The jobs of imports as payloads."""

from typing import ClassVar

from blazz.kernel.jobs import Job


class RunImport(Job, frozen=True, kw_only=True):
    """Run an import or a dry run, or go on with it."""

    name: ClassVar[str] = "contacts.run_import"
    timeout_seconds: ClassVar[float] = 21_600.0
    attempts: ClassVar[int] = 20
    # It goes on from its checkpoint, so many workers may die under it for reasons of their own.
    most_deaths: ClassVar[int] = 100
    import_id: str


class UndoImport(Job, frozen=True, kw_only=True):
    """Take an import back."""

    name: ClassVar[str] = "contacts.undo_import"
    timeout_seconds: ClassVar[float] = 21_600.0
    attempts: ClassVar[int] = 20
    # It goes on from its checkpoint, so many workers may die under it for reasons of their own.
    most_deaths: ClassVar[int] = 100
    import_id: str


class IndexImport(Job, frozen=True, kw_only=True):
    """Make the contacts of an import findable by fragments."""

    name: ClassVar[str] = "contacts.index_import"
    timeout_seconds: ClassVar[float] = 21_600.0
    attempts: ClassVar[int] = 20
    # It goes on from its checkpoint, so many workers may die under it for reasons of their own.
    most_deaths: ClassVar[int] = 100
    import_id: str
