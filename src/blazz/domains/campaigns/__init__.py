"""Campaigns: one template to many people, each exactly once, watched while it happens.

Words: an *audience* says whom a campaign is for; starting *freezes* it into one *recipient* row per person, those who get
nothing included with the reason; the *feeder* turns recipients into queued messages, a bounded number at a time; a
*delta* moves the counters; a *recount* must find no difference.

Owns: campaigns, campaign_recipients, campaign_stats, campaign_log. States and moves: ``transitions``.
Events: campaign.started, .scheduled, .paused, .resumed, .cancelled, .completed, .failed, .progressed.
Jobs: campaigns.prepare, campaigns.auto_pause, campaigns.verify_counters.

Reviewed exceptions to private tables, all read-only and each marked in ``queries.sql``: the freeze and the feeder join
contacts, contact_group_members, contact_identities and messages, because a million people must not pass through Python;
checks read numbers, channel_accounts, templates, workspaces and plans by id; the worker counts outbox rows.
"""

from collections.abc import Awaitable, Callable

from blazz.domains.campaigns.events import (
    CampaignCompleted,
    CampaignPaused,
    CampaignProgressed,
)
from blazz.domains.campaigns.feeding import (
    feed_campaign,
)
from blazz.domains.campaigns.jobs import (
    run_auto_pause,
    run_prepare,
    run_verify_counters,
)
from blazz.domains.campaigns.jobs_types import (
    AutoPauseCampaign,
    PrepareCampaign,
    VerifyCounters,
)
from blazz.domains.campaigns.service import (
    CampaignInput,
    apply_outcomes,
    cancel_campaign,
    create_campaign,
    delete_campaign,
    get_campaign,
    get_stats,
    list_campaigns,
    list_counted_campaigns,
    list_log,
    list_recipients,
    pause_campaign,
    preflight_campaign,
    recount,
    resume_campaign,
    retry_failed,
    schedule_campaign,
    send_test,
    start_campaign,
    unschedule_campaign,
    update_campaign,
    verify_counters,
)
from blazz.domains.campaigns.types import (
    Audience,
    AutoPause,
    Campaign,
    CampaignStatus,
    Exclude,
    Include,
    Stats,
    VariableSource,
)
from blazz.domains.campaigns.worker import (
    feed_once,
    finish_campaigns,
)
from blazz.kernel.jobs import Job

JOBS: dict[type[Job], Callable[..., Awaitable[None]]] = {
    PrepareCampaign: run_prepare,
    AutoPauseCampaign: run_auto_pause,
    VerifyCounters: run_verify_counters,
}

__all__ = [
    "JOBS",
    "Audience",
    "AutoPause",
    "Campaign",
    "CampaignCompleted",
    "CampaignInput",
    "CampaignPaused",
    "CampaignProgressed",
    "CampaignStatus",
    "Exclude",
    "Include",
    "Stats",
    "VariableSource",
    "VerifyCounters",
    "apply_outcomes",
    "cancel_campaign",
    "create_campaign",
    "delete_campaign",
    "feed_campaign",
    "feed_once",
    "finish_campaigns",
    "get_campaign",
    "get_stats",
    "list_campaigns",
    "list_counted_campaigns",
    "list_log",
    "list_recipients",
    "pause_campaign",
    "preflight_campaign",
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
