"""Handlers of the jobs of campaigns."""

from uuid import UUID

import structlog

from blazz.domains.campaigns import store
from blazz.domains.campaigns.errors import CampaignNotFound
from blazz.domains.campaigns.jobs_types import AutoPauseCampaign, PrepareCampaign, VerifyCounters
from blazz.domains.campaigns.service.outcomes import is_failing, verify_counters
from blazz.domains.campaigns.service.starting import fail_campaign, prepare_campaign
from blazz.domains.campaigns.service.stopping import pause_campaign
from blazz.domains.campaigns.transitions import Move, next_status
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.errors import AppError
from blazz.kernel.runtime import Runtime

_log = structlog.get_logger(__name__)
AUTO_PAUSE_REASON = "failure_share"


async def run_prepare(runtime: Runtime, job: PrepareCampaign) -> None:
    """Freeze the audience; a refusal, such as a quota used up meanwhile, fails the campaign with its code."""
    actor = Actor.system(job.workspace_id, "campaign preparation", Permission.CAMPAIGNS_SEND)
    campaign_id = UUID(job.campaign_id)
    now = runtime.clock.now()
    try:
        async with runtime.database.workspace(job.workspace_id) as tx:
            await prepare_campaign(tx, actor, campaign_id, now=now)
    except CampaignNotFound:
        _log.warning("campaign to prepare is gone", campaign_id=job.campaign_id)
    except AppError as error:
        async with runtime.database.workspace(job.workspace_id) as tx:
            await fail_campaign(tx, actor, campaign_id, error.code, now=now)


async def run_auto_pause(runtime: Runtime, job: AutoPauseCampaign) -> None:
    """Pause the campaign if its failure share is still too large and it still runs."""
    actor = Actor.system(job.workspace_id, "automatic pause", Permission.CAMPAIGNS_SEND)
    campaign_id = UUID(job.campaign_id)
    async with runtime.database.workspace(job.workspace_id) as tx:
        campaign = await store.get_campaign(tx, campaign_id, for_update=True)
        if next_status(campaign.status, Move.PAUSE) is None:
            return
        if is_failing(await store.get_stats(tx, campaign_id), campaign.auto_pause):
            await pause_campaign(tx, actor, campaign_id, now=runtime.clock.now(), reason=AUTO_PAUSE_REASON)


async def run_verify_counters(runtime: Runtime, job: VerifyCounters) -> None:
    """Recount one campaign; differences are logged as errors."""
    async with runtime.database.workspace(job.workspace_id) as tx:
        await verify_counters(tx, UUID(job.campaign_id))
