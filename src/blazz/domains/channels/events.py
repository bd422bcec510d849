"""What happens to numbers and accounts."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from blazz.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAdded(Event):
    """A number was connected to the workspace."""

    type: ClassVar[str] = "number.added"
    number_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChanged(Event):
    """A number's settings, health or status changed."""

    type: ClassVar[str] = "number.changed"
    number_id: UUID
    status: str
    quality: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberHeld(Event):
    """Sending from a number stopped until an instant; ``held_until`` is RFC 3339."""

    type: ClassVar[str] = "number.held"
    number_id: UUID
    reason: str
    held_until: str

    @staticmethod
    def of(workspace_id: int, number_id: UUID, reason: str, until: datetime) -> "NumberHeld":
        """Build the event from an instant."""
        return NumberHeld(workspace_id=workspace_id, number_id=number_id, reason=reason, held_until=until.isoformat())


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberReleased(Event):
    """Sending from a held number may go on."""

    type: ClassVar[str] = "number.released"
    number_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRemoved(Event):
    """A number was deleted; its conversations stay readable."""

    type: ClassVar[str] = "number.removed"
    number_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberNameReviewed(Event):
    """The provider decided about a number's display name."""

    type: ClassVar[str] = "number.name_reviewed"
    number_id: UUID
    decision: str
    requested_name: str | None
    rejection_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNoticed(Event):
    """The provider told something about an account; ``field`` and ``word`` are its own words, ``details`` JSON text."""

    type: ClassVar[str] = "account.noticed"
    account_id: UUID
    field: str
    word: str
    details: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged(Event):
    """An account was paused, resumed or got another messaging limit."""

    type: ClassVar[str] = "account.changed"
    account_id: UUID
    paused_reason: str | None
