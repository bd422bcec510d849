"""The jobs of campaigns, by id only."""

from typing import ClassVar

from blazz.kernel.jobs import Job


class PrepareCampaign(Job, frozen=True, kw_only=True):
    """Freeze the audience of a campaign that was started."""

    name: ClassVar[str] = "campaigns.prepare"
    timeout_seconds: ClassVar[float] = 120.0
    priority: ClassVar[int] = 10

    campaign_id: str

    def dedupe_key(self) -> str | None:
        """One waiting preparation per campaign is enough."""
        return f"campaigns.prepare:{self.campaign_id}"


class AutoPauseCampaign(Job, frozen=True, kw_only=True):
    """Look at the failure share of a campaign and pause it when it is too large."""

    name: ClassVar[str] = "campaigns.auto_pause"
    priority: ClassVar[int] = 20

    campaign_id: str

    def dedupe_key(self) -> str | None:
        """One waiting look per campaign is enough."""
        return f"campaigns.auto_pause:{self.campaign_id}"


class VerifyCounters(Job, frozen=True, kw_only=True):
    """Count the counters of a campaign again and log any difference."""

    name: ClassVar[str] = "campaigns.verify_counters"

    campaign_id: str
