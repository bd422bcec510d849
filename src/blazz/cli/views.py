"""The answers of the API as commands read them; fields that no command shows are left aside."""

from datetime import datetime

import msgspec


class NumberView(msgspec.Struct, frozen=True, kw_only=True):
    """A connected number."""

    id: str
    account_id: str
    phone_number_id: str
    phone: str | None
    display_name: str
    status: str
    quality: str
    messages_per_second: int
    pair_interval_seconds: float
    is_default: bool
    is_test: bool
    held_until: datetime | None = None
    held_reason: str | None = None
    paused_reason: str | None = None
    health_checked_at: datetime | None = None

    @property
    def label(self) -> str:
        """What people call the number."""
        return self.phone or self.display_name or self.phone_number_id


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """A WhatsApp Business account."""

    id: str
    provider_account_id: str
    name: str
    webhook_url: str
    messaging_limit: int | None = None
    paused_reason: str | None = None


class AccountsView(msgspec.Struct, frozen=True, kw_only=True):
    """All accounts of the workspace."""

    data: list[AccountView]


class ContactView(msgspec.Struct, frozen=True, kw_only=True):
    """A contact."""

    id: str
    name: str
    phone: str | None
    email: str | None
    city: str | None
    company: str | None
    external_id: str | None
    notes: str | None
    category_id: str | None
    original_number: str | None
    opted_out_at: datetime | None
    unreachable_at: datetime | None
    last_message_at: datetime | None
    last_inbound_at: datetime | None
    created_at: datetime
    attributes: dict[str, str] = {}


class NamedView(msgspec.Struct, frozen=True, kw_only=True):
    """A category or a group."""

    id: str
    name: str
    description: str | None
    contact_count: int


class ColumnView(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a file and the field it goes to."""

    column: str
    header: str
    field: str
    key: str = ""


class ImportView(msgspec.Struct, frozen=True, kw_only=True):
    """An import."""

    id: str
    file_name: str
    file_bytes: int
    status: str
    dry_run: bool
    counts: dict[str, int]
    problem: str | None
    created_at: datetime
    undo_until: datetime | None
    kind: str = ""
    encoding: str = ""
    columns: list[ColumnView] = []
    preview: list[list[str]] = []


class ImportRowView(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was not stored, and why."""

    row: int
    outcome: str
    code: str
    reason: str
    cells: list[str]


class VariableView(msgspec.Struct, frozen=True, kw_only=True):
    """A value that a template asks for."""

    key: str
    component: str
    name: str
    kind: str
    required: bool
    example: str | None


class TemplateView(msgspec.Struct, frozen=True, kw_only=True):
    """A template."""

    id: str
    account_id: str
    name: str
    language: str
    category: str
    status: str
    quality: str
    rejection_reason: str | None
    components: list[dict[str, object]]
    variables: list[VariableView]
    synced_at: datetime | None = None


class ButtonView(msgspec.Struct, frozen=True, kw_only=True):
    """A button as it will be shown."""

    type: str
    text: str
    url: str | None = None
    phone_number: str | None = None


class PreviewView(msgspec.Struct, frozen=True, kw_only=True):
    """A filled template."""

    header_format: str | None
    header: str | None
    body: str
    footer: str | None
    buttons: list[ButtonView]
    missing: list[str]


class StatsView(msgspec.Struct, frozen=True, kw_only=True):
    """The counters of a campaign."""

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
    failures: dict[str, int] = {}


class CampaignView(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign."""

    id: str
    name: str
    number_id: str
    template_id: str
    status: str
    stats: StatsView
    scheduled_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    paused_reason: str | None
    created_at: datetime


class BlockerView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to put right before starting."""

    code: str
    message: str


class PreflightView(msgspec.Struct, frozen=True, kw_only=True):
    """What starting a campaign now would do."""

    chosen: int
    recipients: int
    skipped: dict[str, int]
    duration_seconds: float
    messages_per_second: int
    messaging_limit: int | None
    exceeds_messaging_limit: bool
    blockers: list[BlockerView]


class RetryView(msgspec.Struct, frozen=True, kw_only=True):
    """How many people are sent to again."""

    campaign: CampaignView
    retried: int


class RecipientView(msgspec.Struct, frozen=True, kw_only=True):
    """One person of a campaign."""

    contact_id: str
    name: str
    address: str
    state: str
    skip_reason: str | None
    message_status: str | None
    error_code: str | None
    sent_at: datetime | None
    delivered_at: datetime | None


class LogView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a campaign's log."""

    action: str
    reason: str | None
    actor_id: str | None
    created_at: datetime


class FailureView(msgspec.Struct, frozen=True, kw_only=True):
    """Why a message was not delivered, in each language."""

    code: str
    message: dict[str, str]
    provider_code: int | None = None
    may_be_sent_again: bool = False


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """One message."""

    id: str
    status: str
    error_code: str | None = None
    failure: FailureView | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    failed_at: datetime | None = None


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was made."""

    id: str
