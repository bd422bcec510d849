"""The words of campaigns as typed values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID

import msgspec

from blazz.kernel.errors import Message


class CampaignStatus(StrEnum):
    """Where a campaign stands; ``transitions`` tells which moves are allowed."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETING = "completing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"


class RecipientState(IntEnum):
    """State of one recipient row; once fed, its message tells the rest."""

    PENDING = 0
    FED = 1
    SKIPPED = 2
    CANCELLED = 3


class SkipReason(StrEnum):
    """Why a person of the audience gets nothing."""

    DELETED = "deleted"
    OPTED_OUT = "opted_out"
    NO_PHONE = "no_phone"
    INVALID_PHONE = "invalid_phone"
    UNREACHABLE = "unreachable"
    EXCLUDED = "excluded"
    ALREADY_RECEIVED = "already_received"
    DUPLICATE = "duplicate"
    VARIABLES_MISSING = "variables_missing"


class Include(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whom a campaign is for: everyone, or the union of groups, categories and single contacts."""

    all: bool = False
    groups: tuple[UUID, ...] = ()
    categories: tuple[UUID, ...] = ()
    contacts: tuple[UUID, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether nobody was chosen."""
        return not (self.all or self.groups or self.categories or self.contacts)


class Exclude(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whom to leave out although chosen; opted-out people are always left out."""

    received_campaigns: tuple[UUID, ...] = ()
    groups: tuple[UUID, ...] = ()


class Audience(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The stored form of an audience."""

    include: Include
    exclude: Exclude = Exclude()


class AutoPause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pause by itself when the share of failures among handled messages passes ``failure_share`` (0..1)."""

    enabled: bool = True
    failure_share: float = 0.3
    minimum: int = 100


class TemplateSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The template as it was when the campaign started: editing it later changes nothing that is being sent."""

    id: UUID
    account_id: UUID
    name: str
    language: str
    category: str
    status: str
    parameter_format: str
    components: list[dict[str, object]]


class VariableSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where one variable's value comes from: a fixed ``text``, or a contact ``field`` with an optional ``fallback``.

    Fields are name, phone, email, city, company, external_id and ``attributes.<key>``.
    """

    text: str | None = None
    field: str | None = None
    fallback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One campaign as stored."""

    id: UUID
    name: str
    number_id: UUID
    template_id: UUID
    status: CampaignStatus
    audience: Audience
    variables: Mapping[str, VariableSource]
    auto_pause: AutoPause
    template_snapshot: TemplateSnapshot | None
    scheduled_at: datetime | None
    started_at: datetime | None
    prepared_at: datetime | None
    completed_at: datetime | None
    paused_reason: str | None
    held_reason: str | None
    feed_cursor: UUID | None
    reserved: int
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Counters of a campaign.

    ``total`` people are either ``pending`` (no message yet), ``skipped``, cancelled, or have a message. ``queued``,
    ``in_doubt``, ``failed`` and ``cancelled`` count present states; ``accepted``, ``delivered`` and ``read`` count
    messages that ever got so far, so an accepted message that fails later stands in both.
    """

    campaign_id: UUID
    total: int = 0
    pending: int = 0
    skipped: int = 0
    queued: int = 0
    accepted: int = 0
    delivered: int = 0
    read: int = 0
    replied: int = 0
    failed: int = 0
    cancelled: int = 0
    in_doubt: int = 0
    opted_out: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)

    def numbers(self) -> dict[str, int]:
        """Return the plain counters by name, for events and answers."""
        return {name: getattr(self, name) for name in COUNTERS}


COUNTERS = (
    "total",
    "pending",
    "skipped",
    "queued",
    "accepted",
    "delivered",
    "read",
    "replied",
    "failed",
    "cancelled",
    "in_doubt",
    "opted_out",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person of a frozen audience with what became of the message."""

    contact_id: UUID
    name: str
    address: str
    state: RecipientState
    skip_reason: str | None
    message_id: UUID | None
    message_status: int | None
    error_code: str | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """Who or what changed a campaign, when and why."""

    id: UUID
    action: str
    reason: str | None
    actor_id: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceCount:
    """The audience counted: whom it reaches, whom it leaves out and why, and who lacks a variable."""

    chosen: int
    pending: int
    skipped: Mapping[str, int]

    @property
    def missing_variables(self) -> int:
        """People who lack a field that a variable needs and that has no fallback."""
        return self.skipped.get(SkipReason.VARIABLES_MISSING, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The sending number as campaigns need it."""

    id: UUID
    account_id: UUID
    label: str
    status: str
    messages_per_second: int
    messaging_limit: int | None
    account_paused_reason: str | None

    @property
    def is_connected(self) -> bool:
        """Tell whether messages can leave now."""
        return self.status == "connected" and self.account_paused_reason is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The fields of a contact that variables may name."""

    contact_id: UUID
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """One thing that must be put right before the campaign may start."""

    code: str
    detail: Mapping[str, object]
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What starting the campaign now would do, counted exactly."""

    audience: AudienceCount
    duration_seconds: float
    messaging_limit: int | None
    messages_per_second: int
    exceeds_messaging_limit: bool
    blockers: tuple[Blocker, ...]
