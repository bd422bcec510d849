"""What campaigns tell the rest of the product."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from blazz.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStarted(Event):
    """Somebody started the campaign, or its time came."""

    type: ClassVar[str] = "campaign.started"
    campaign_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignScheduled(Event):
    """The campaign will start by itself at ``scheduled_at`` (RFC 3339); empty means it became a draft again."""

    type: ClassVar[str] = "campaign.scheduled"
    campaign_id: UUID
    scheduled_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPaused(Event):
    """The campaign stopped sending until it is resumed; ``on_wire`` messages had already left."""

    type: ClassVar[str] = "campaign.paused"
    campaign_id: UUID
    reason: str
    on_wire: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResumed(Event):
    """The campaign sends again, also after a retry of what failed."""

    type: ClassVar[str] = "campaign.resumed"
    campaign_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignHeld(Event):
    """Something outside of the campaign keeps it from sending for now; ``reason`` is a code such as storage_full."""

    type: ClassVar[str] = "campaign.held"
    campaign_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignReleased(Event):
    """What held the campaign is over; it goes on by itself."""

    type: ClassVar[str] = "campaign.released"
    campaign_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCancelled(Event):
    """The campaign ended for good; ``cancelled`` people will not get a message."""

    type: ClassVar[str] = "campaign.cancelled"
    campaign_id: UUID
    cancelled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCompleted(Event):
    """Every message of the campaign has an outcome."""

    type: ClassVar[str] = "campaign.completed"
    campaign_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFailed(Event):
    """The campaign could not start by itself; ``reason`` is the code of the refusal."""

    type: ClassVar[str] = "campaign.failed"
    campaign_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignProgressed(Event):
    """The counters moved; ``stats`` holds all of them, so that a missed event does no harm."""

    type: ClassVar[str] = "campaign.progressed"
    campaign_id: UUID
    status: str
    stats: Mapping[str, int]
    failures: Mapping[str, int] = field(default_factory=dict)
