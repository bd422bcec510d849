"""Keeps the counters: results in, progress out, automatic pause when too much fails, and the recount that checks all."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import msgspec
import structlog

from blazz.domains.campaigns import store
from blazz.domains.campaigns.events import CampaignProgressed
from blazz.domains.campaigns.jobs_types import AutoPauseCampaign
from blazz.domains.campaigns.types import COUNTERS, AutoPause, CampaignStatus, Stats
from blazz.domains.inbox import OutcomeDelta
from blazz.kernel.db import WorkspaceTx

_log = structlog.get_logger(__name__)
_MOVED = ("queued", "accepted", "delivered", "read", "replied", "failed", "cancelled", "in_doubt", "opted_out")
_RECOUNTED = (*COUNTERS, "failures")
_COUNTED = tuple(name for name in _MOVED if name not in {"replied", "opted_out"})
_CAN_PAUSE = frozenset({CampaignStatus.RUNNING, CampaignStatus.COMPLETING})


async def apply_outcomes(tx: WorkspaceTx, deltas: Sequence[OutcomeDelta]) -> None:
    """Move the counters of the campaigns named, in one statement; one progress event per campaign.

    When the share of failures passes a campaign's bound, a job pauses it: this transaction holds only counter rows, so
    that it can never wait for a command that holds the campaign and waits for the counters.
    """
    merged = _merge(deltas)
    if not merged:
        return
    named = {
        "replied": await _first_time(
            tx, store.SQL["mark_replied"], [(one.campaign_id, one.replied_by) for one in merged]
        ),
        "opted_out": await _first_time(
            tx, store.SQL["mark_opted_out"], [(one.campaign_id, one.opted_out_by) for one in merged]
        ),
    }
    rows = await tx.fetch(
        store.SQL["apply_outcomes"],
        tx.workspace_id,
        [delta.campaign_id for delta in merged],
        *(
            [named[name].get(delta.campaign_id, 0) if name in named else getattr(delta, name) for delta in merged]
            for name in _MOVED
        ),
        [store.as_json(delta.failures) for delta in merged],
    )
    for row in rows:
        item, status = store.stats_from(row), CampaignStatus(row["status"])
        tx.publish(_progress(tx.workspace_id, item, status))
        if status in _CAN_PAUSE and is_failing(item, msgspec.json.decode(row["auto_pause"], type=AutoPause)):
            tx.defer(AutoPauseCampaign(workspace_id=tx.workspace_id, campaign_id=str(item.campaign_id)))


def is_failing(stats: Stats, rule: AutoPause) -> bool:
    """Tell whether the share of failures among the messages with an outcome passes the rule's bound."""
    failed, handled = stats.failed, stats.failed + max(0, stats.accepted)
    return rule.enabled and handled >= rule.minimum and failed > rule.failure_share * handled


async def recount(tx: WorkspaceTx, campaign_id: UUID) -> Stats:
    """Count everything again from recipients and messages."""
    row = await tx.fetchrow(store.SQL["recount"], tx.workspace_id, campaign_id)
    failures = await tx.fetch(store.SQL["recount_failures"], tx.workspace_id, campaign_id)
    assert row is not None
    counted: dict[str, int] = dict(row)
    return Stats(
        campaign_id=campaign_id,
        failures={item["error_code"]: item["people"] for item in failures},
        **counted,
    )


async def list_counted_campaigns(tx: WorkspaceTx) -> list[UUID]:
    """List the campaigns that have a frozen audience, oldest first, for the recount."""
    return [row["id"] for row in await tx.fetch(store.SQL["counted_campaigns"], tx.workspace_id)]


async def verify_counters(tx: WorkspaceTx, campaign_id: UUID) -> dict[str, tuple[object, object]]:
    """Compare every stored counter, the failures by code among them, with a recount; return each that differs.

    What differs comes as (stored, counted).
    """
    # A command or a batch in flight would move both sides: the counter row holds still while we look.
    await tx.fetchrow(store.SQL["hold_stats"], tx.workspace_id, campaign_id)
    stored, counted = await store.get_stats(tx, campaign_id), await recount(tx, campaign_id)
    different = {
        name: (getattr(stored, name), getattr(counted, name))
        for name in _RECOUNTED
        if getattr(stored, name) != getattr(counted, name)
    }
    if different:
        _log.error("campaign counters differ", campaign_id=str(campaign_id), different=different)
    return different


async def _first_time(
    tx: WorkspaceTx, statement: str, people: Sequence[tuple[UUID, Sequence[UUID]]]
) -> dict[UUID, int]:
    """Mark people of campaigns and count those who were not marked before, so that nobody counts twice."""
    pairs = sorted({(campaign_id, contact_id) for campaign_id, named in people for contact_id in named})
    if not pairs:
        return {}
    rows = await tx.fetch(statement, tx.workspace_id, [pair[0] for pair in pairs], [pair[1] for pair in pairs])
    return {row["campaign_id"]: row["people"] for row in rows}


def _merge(deltas: Sequence[OutcomeDelta]) -> list[OutcomeDelta]:
    """Sum deltas of one campaign and order by campaign."""
    merged: dict[UUID, OutcomeDelta] = {}
    for delta in deltas:
        before = merged.get(delta.campaign_id)
        if before is None:
            merged[delta.campaign_id] = delta
            continue
        failures = dict(before.failures)
        for code, count in delta.failures.items():
            failures[code] = failures.get(code, 0) + count
        sums = {name: getattr(before, name) + getattr(delta, name) for name in _COUNTED}
        merged[delta.campaign_id] = replace(
            before,
            failures=failures,
            replied_by=before.replied_by + delta.replied_by,
            opted_out_by=before.opted_out_by + delta.opted_out_by,
            **sums,
        )
    return [merged[campaign_id] for campaign_id in sorted(merged)]


def _progress(workspace_id: int, stats: Stats, status: CampaignStatus) -> CampaignProgressed:
    return CampaignProgressed(
        workspace_id=workspace_id,
        campaign_id=stats.campaign_id,
        status=status.value,
        stats=stats.numbers(),
        failures=dict(stats.failures),
    )
