"""Accounts, numbers and stored webhooks, as they cross the door of this domain."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

DEFAULT_PROVIDER = "meta_cloud"


class NumberStatus(StrEnum):
    """Where the connection of a number stands."""

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RESTRICTED = "restricted"
    BANNED = "banned"


class UnknownOutcome(StrEnum):
    """What becomes of a message whose acceptance is unknown after the long silence."""

    HOLD = "hold"
    RESEND_AFTER_SILENCE = "resend_after_silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What an account signs with; never printed. ``app_secret`` empty means the instance's own."""

    access_token: str = field(repr=False)
    app_secret: str = field(default="", repr=False)
    verify_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A WhatsApp Business account (WABA) of the workspace; its credentials stay sealed."""

    id: UUID
    provider: str
    provider_account_id: str
    name: str
    base_url: str | None
    unknown_outcome: UnknownOutcome
    messaging_limit: int | None
    paused_reason: str | None
    created_at: datetime
    updated_at: datetime
    sealed_credentials: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A sending number. ``held_until`` in the future means that nothing is sent from it, for ``held_reason``."""

    id: UUID
    account_id: UUID
    provider: str
    provider_number_id: str
    provider_account_id: str
    phone: str | None
    display_name: str
    status: NumberStatus
    quality: str
    messages_per_second: int
    pair_interval_seconds: float
    is_default: bool
    is_test: bool
    held_until: datetime | None
    held_reason: str | None
    paused_reason: str | None
    health_checked_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderNumber:
    """Everything a sender needs about one number; ``paused_reason`` is the account's."""

    number_id: UUID
    account_id: UUID
    provider: str
    provider_number_id: str
    provider_account_id: str
    credentials: Credentials
    messages_per_second: int
    pair_interval_seconds: float
    unknown_outcome: UnknownOutcome
    status: NumberStatus
    base_url: str | None
    is_test: bool
    held_until: datetime | None
    held_reason: str | None
    paused_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """Details of an account to add, or of a known one to enter again."""

    provider_account_id: str
    name: str
    credentials: Credentials
    base_url: str | None = None
    unknown_outcome: UnknownOutcome = UnknownOutcome.HOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNumber:
    """Details of a number to add; empty ones are filled from what the provider says."""

    provider_number_id: str
    phone: str | None = None
    display_name: str = ""
    messages_per_second: int = 80
    pair_interval_seconds: float = 6.0
    is_default: bool = False
    is_test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChanges:
    """Settings of a number to change; None leaves one as it is."""

    display_name: str | None = None
    messages_per_second: int | None = None
    pair_interval_seconds: float | None = None
    is_default: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedHealth:
    """What was learned about a number, from a check or a webhook; None means that nothing was said."""

    status: NumberStatus | None = None
    quality: str | None = None
    phone: str | None = None
    display_name: str | None = None
    messaging_limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRoute:
    """Which workspace a provider's number belongs to."""

    workspace_id: int
    number_id: UUID
    account_id: UUID
    provider_account_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery:
    """A verified webhook as it came, waiting to be applied."""

    id: UUID
    provider: str
    body: bytes = field(repr=False)
    received_at: datetime
    attempts: int = 0

    @property
    def provider_name(self) -> str:
        """The adapter that understands the body."""
        return self.provider.partition(":")[0]

    @property
    def signer(self) -> UUID | None:
        """The account whose secret the body was verified with, where that is known."""
        signer = self.provider.partition(":")[2]
        return UUID(signer) if signer else None


def signed_source(provider: str, account_id: UUID) -> str:
    """Write where a delivery came from: the adapter, and the account whose secret proved it."""
    return f"{provider}:{account_id.hex}"
