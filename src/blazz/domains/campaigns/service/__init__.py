"""The use cases of campaigns, one module each."""

from blazz.domains.campaigns.service.checks import preflight_campaign
from blazz.domains.campaigns.service.editing import CampaignInput, create_campaign, delete_campaign, update_campaign
from blazz.domains.campaigns.service.outcomes import (
    apply_outcomes,
    list_counted_campaigns,
    recount,
    verify_counters,
)
from blazz.domains.campaigns.service.reading import (
    get_campaign,
    get_stats,
    list_campaigns,
    list_log,
    list_recipients,
    list_stats,
)
from blazz.domains.campaigns.service.retrying import retry_failed
from blazz.domains.campaigns.service.scheduling import schedule_campaign, unschedule_campaign
from blazz.domains.campaigns.service.starting import prepare_campaign, start_campaign
from blazz.domains.campaigns.service.stopping import cancel_campaign, pause_campaign, resume_campaign
from blazz.domains.campaigns.service.testing import send_test

__all__ = [
    "CampaignInput",
    "apply_outcomes",
    "cancel_campaign",
    "create_campaign",
    "delete_campaign",
    "get_campaign",
    "get_stats",
    "list_campaigns",
    "list_counted_campaigns",
    "list_log",
    "list_recipients",
    "list_stats",
    "pause_campaign",
    "preflight_campaign",
    "prepare_campaign",
    "recount",
    "resume_campaign",
    "retry_failed",
    "schedule_campaign",
    "send_test",
    "start_campaign",
    "unschedule_campaign",
    "update_campaign",
    "verify_counters",
]
