"""Campaigns as they look over HTTP."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from blazz.domains.campaigns.types import CampaignStatus

Id = Annotated[str, Field(min_length=5, max_length=64)]
Short = Annotated[str, Field(max_length=1024)]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class IncludeBody(_Input):
    """Whom the campaign is for: everyone, or the union of the lists."""

    all: bool = False
    groups: list[Id] = Field(default=[], max_length=200)
    categories: list[Id] = Field(default=[], max_length=200)
    contacts: list[Id] = Field(default=[], max_length=10_000)


class ExcludeBody(_Input):
    """Whom to leave out; people who opted out are always left out."""

    received_campaigns: list[Id] = Field(default=[], max_length=50)
    groups: list[Id] = Field(default=[], max_length=200)


class AudienceBody(_Input):
    """Who gets the campaign."""

    include: IncludeBody
    exclude: ExcludeBody = ExcludeBody()


class VariableBody(_Input):
    """Where a variable's value comes from: a fixed text, or a contact field with a fallback."""

    text: Short | None = None
    field: Annotated[str, Field(max_length=120)] | None = None
    fallback: Short | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "VariableBody":
        if (self.text is None) == (self.field is None):
            msg = "give either text or field"
            raise ValueError(msg)
        return self


class AutoPauseBody(_Input):
    """When the campaign pauses by itself."""

    enabled: bool = True
    failure_share: float = Field(0.3, gt=0, le=1, description="share of failed among handled messages, 0 to 1")
    minimum: int = Field(100, ge=1, le=1_000_000, description="handled messages before the share counts")


class CampaignBody(_Input):
    """Everything an editor decides."""

    name: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]*\S[^\x00]*$")
    number_id: Id
    template_id: Id
    audience: AudienceBody
    variables: dict[Annotated[str, Field(max_length=120)], VariableBody] = Field(default={}, max_length=200)
    auto_pause: AutoPauseBody = AutoPauseBody()


class ScheduleBody(_Input):
    """When to start; without an offset it is local time in the workspace's zone; null makes it a draft again."""

    at: datetime | None


class SampleBody(_Input):
    """One to five phone numbers of contacts."""

    numbers: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=5)


class RetryBody(_Input):
    """Whom to send to again; everyone who failed when left out."""

    contacts: list[Id] | None = Field(default=None, min_length=1, max_length=10_000)


class StatsView(BaseModel):
    """Counters; see the campaign pages for what each means."""

    total: int
    pending: int
    skipped: int
    queued: int
    accepted: int
    delivered: int
    read: int
    replied: int
    failed: int
    cancelled: int
    in_doubt: int
    opted_out: int
    failures: dict[str, int]


class HoldView(BaseModel):
    """Why a campaign that runs sends nothing for now; it goes on by itself."""

    code: str
    message: str


class CampaignView(BaseModel):
    """A campaign."""

    id: str
    name: str
    number_id: str
    template_id: str
    status: CampaignStatus
    audience: AudienceBody
    variables: dict[str, VariableBody]
    auto_pause: AutoPauseBody
    scheduled_at: datetime | None
    started_at: datetime | None
    prepared_at: datetime | None
    completed_at: datetime | None
    paused_reason: str | None
    hold: HoldView | None
    created_at: datetime
    updated_at: datetime
    stats: StatsView


class BlockerView(BaseModel):
    """One thing to put right before starting."""

    code: str
    message: str
    detail: dict[str, str | int | float | None]


class PreflightView(BaseModel):
    """What starting now would do."""

    chosen: int
    recipients: int
    skipped: dict[str, int]
    missing_variables: int
    duration_seconds: float
    messages_per_second: int
    messaging_limit: int | None
    exceeds_messaging_limit: bool
    blockers: list[BlockerView]


class RecipientView(BaseModel):
    """One person of the frozen audience."""

    contact_id: str
    name: str
    address: str
    state: Literal["pending", "fed", "skipped", "cancelled"]
    skip_reason: str | None
    message_id: str | None
    message_status: str | None
    error_code: str | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None


class LogView(BaseModel):
    """Who or what changed the campaign; no actor means the system."""

    id: str
    action: str
    reason: str | None
    actor_id: str | None
    created_at: datetime


class RetryView(BaseModel):
    """The campaign, and how many people are sent to again."""

    campaign: CampaignView
    retried: int


class SampleView(BaseModel):
    """The messages that were queued."""

    message_ids: list[str]
