"""What the worker does for campaigns again and again: start what is due, keep lanes filled, finish what is done."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from blazz.domains.campaigns import quota, store
from blazz.domains.campaigns.errors import CampaignNotFound, CampaignNotStartable
from blazz.domains.campaigns.events import CampaignCompleted
from blazz.domains.campaigns.feeding import feed_campaign
from blazz.domains.campaigns.holding import STORAGE_FULL, hold, let_go
from blazz.domains.campaigns.jobs_types import PrepareCampaign
from blazz.domains.campaigns.service.starting import fail_campaign, start_campaign
from blazz.domains.campaigns.transitions import Move, next_status
from blazz.domains.campaigns.types import CampaignStatus
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx, retry_transaction
from blazz.kernel.errors import AppError
from blazz.kernel.runtime import Runtime
from blazz.kernel.space import StorageFull, read_space

_log = structlog.get_logger(__name__)
LANE_CAP = 2000
BATCH = 500
# In-doubt messages are shown but do not keep a campaign open longer than this: ten times the send budget.
DOUBT_WINDOW = timedelta(minutes=5)


@dataclass(slots=True)
class _Lane:
    """One sending number with the campaigns that share it and the room left in its queue."""

    workspace_id: int
    room: int
    campaigns: list[UUID]


async def feed_once(runtime: Runtime, lane_cap: int = LANE_CAP) -> int:
    """Make one round over the active campaigns of every workspace; return how many recipients were taken up.

    Every lane gets at most one batch per turn, so that a campaign of a million people delays nobody else's.
    A campaign whose round fails is logged and left for the next round; the others go on. While the disk is nearly full
    nobody is taken up, and each campaign says so.
    """
    now = runtime.clock.now()
    async with runtime.database.system() as tx:
        rows = await tx.fetch(store.SQL["active_campaigns"], now, lane_cap)
        is_full = (await read_space(tx)).is_full
    lanes: dict[tuple[int, UUID], _Lane] = {}
    for row in rows:
        workspace_id, campaign_id, status = row["workspace_id"], row["id"], CampaignStatus(row["status"])
        if is_full and status is not CampaignStatus.COMPLETING:
            if row["held_reason"] is None:
                await _guarded(partial(_hold, runtime, workspace_id, campaign_id), campaign_id)
            continue
        if row["held_reason"] is not None:
            await _guarded(partial(_let_go, runtime, workspace_id, campaign_id), campaign_id)
        if status is CampaignStatus.RUNNING:
            key = (workspace_id, row["number_id"])
            lanes.setdefault(key, _Lane(workspace_id, row["room"], [])).campaigns.append(campaign_id)
        else:
            await _guarded(partial(_move_on, runtime, workspace_id, campaign_id, status, now), campaign_id)
    return await _fill(runtime, list(lanes.values()))


async def _hold(runtime: Runtime, workspace_id: int, campaign_id: UUID) -> int:
    async with runtime.database.workspace(workspace_id) as tx:
        return await hold(tx, campaign_id, STORAGE_FULL, now=runtime.clock.now())


async def _let_go(runtime: Runtime, workspace_id: int, campaign_id: UUID) -> int:
    async with runtime.database.workspace(workspace_id) as tx:
        return await let_go(tx, campaign_id, now=runtime.clock.now())


async def _fill(runtime: Runtime, lanes: list[_Lane]) -> int:
    """Go round the lanes, one batch each, until they are full or there is nobody left."""
    fed = 0
    while lanes:
        open_lanes = []
        for lane in lanes:
            if lane.room <= 0 or not lane.campaigns:
                continue
            campaign_id = lane.campaigns.pop(0)
            work = partial(_feed, runtime, lane.workspace_id, campaign_id, min(BATCH, lane.room))
            taken = await _guarded(work, campaign_id)
            fed += taken
            lane.room -= taken
            if taken == BATCH:
                # It may have more; the other campaigns of this number come first.
                lane.campaigns.append(campaign_id)
            open_lanes.append(lane)
        lanes = open_lanes
    return fed


async def _feed(runtime: Runtime, workspace_id: int, campaign_id: UUID, room: int) -> int:
    async with runtime.database.workspace(workspace_id) as tx:
        return await feed_campaign(tx, campaign_id, room, now=runtime.clock.now())


async def _move_on(
    runtime: Runtime, workspace_id: int, campaign_id: UUID, status: CampaignStatus, now: datetime
) -> int:
    if status is CampaignStatus.SCHEDULED:
        await start_due(runtime, workspace_id, campaign_id)
    elif status is CampaignStatus.PREPARING:
        # Its job was lost or gave up: queue another; the preparation itself is safe to run twice.
        async with runtime.database.workspace(workspace_id) as tx:
            tx.defer(PrepareCampaign(workspace_id=workspace_id, campaign_id=str(campaign_id)))
    else:
        async with runtime.database.workspace(workspace_id) as tx:
            await finish_campaign(tx, campaign_id, now=now)
    return 0


async def start_due(runtime: Runtime, workspace_id: int, campaign_id: UUID) -> None:
    """Start a campaign whose time has come; one that cannot start fails with the reason, and says so."""
    actor = Actor.system(workspace_id, "schedule", Permission.CAMPAIGNS_SEND)
    now = runtime.clock.now()
    try:
        async with runtime.database.workspace(workspace_id) as tx:
            await start_campaign(tx, actor, campaign_id, now=now)
    except (CampaignNotStartable, CampaignNotFound):
        # Another worker started it, or somebody deleted it meanwhile.
        return
    except StorageFull:
        # Measured between our look and the start: it stays scheduled and is held in the next round.
        return
    except AppError as error:
        async with runtime.database.workspace(workspace_id) as tx:
            await fail_campaign(tx, actor, campaign_id, error.code, now=now)


async def finish_campaign(tx: WorkspaceTx, campaign_id: UUID, *, now: datetime) -> bool:
    """Complete a completing campaign once none of its messages waits or is on the wire."""
    campaign = await store.get_campaign(tx, campaign_id, for_update=True)
    status = next_status(campaign.status, Move.FINISH)
    if status is None:
        return False
    if await tx.fetchval(store.SQL["unfinished_outbox"], tx.workspace_id, campaign.id, now - DOUBT_WINDOW):
        return False
    never_accepted = await tx.fetchval(store.SQL["count_unaccepted"], tx.workspace_id, campaign.id)
    await quota.release(tx, min(campaign.reserved, never_accepted), now)
    await tx.execute(store.SQL["set_reserved"], tx.workspace_id, campaign.id, 0)
    await store.set_status(tx, campaign.id, status, now)
    await store.write_log(tx, campaign.id, "completed", now)
    tx.publish(CampaignCompleted(workspace_id=tx.workspace_id, campaign_id=campaign.id))
    return True


async def finish_campaigns(runtime: Runtime) -> int:
    """Complete every campaign that is done, in every workspace; return how many."""
    now = runtime.clock.now()
    async with runtime.database.system() as tx:
        rows = await tx.fetch(store.SQL["completing_campaigns"])
    finished = 0
    for row in rows:
        async with runtime.database.workspace(row["workspace_id"]) as tx:
            finished += await finish_campaign(tx, row["id"], now=now)
    return finished


async def _guarded(work: Callable[[], Awaitable[int]], campaign_id: UUID) -> int:
    """Run one campaign's work; a failure of one must not stop the round of the others."""
    try:
        return await retry_transaction(work)
    except Exception:  # noqa: BLE001 - whatever went wrong there is logged and belongs to that campaign alone
        _log.exception("campaign round failed", campaign_id=str(campaign_id))
        return 0
