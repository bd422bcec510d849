"""Compares every counter that is kept incrementally with a count from scratch; a difference is always a bug."""

import time
from dataclasses import dataclass, field

from blazz.domains.billing import verify_usage
from blazz.domains.campaigns import list_counted_campaigns, verify_counters
from blazz.domains.contacts.jobs import verify_counts
from blazz.domains.realtime import verify_positions
from blazz.domains.workspaces import list_workspace_ids
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A counter that is not what a recount finds; ``of`` names what it counts, ``counter`` which of its counters."""

    workspace_id: int
    of: str
    counter: str
    stored: object
    counted: object


@dataclass(slots=True, kw_only=True)
class RecountReport:
    """What was compared, and what differs."""

    workspaces: int = 0
    campaigns: int = 0
    categories_and_groups: int = 0
    usage_periods: int = 0
    differences: list[Difference] = field(default_factory=list)
    seconds: float = 0.0


async def run_recount(runtime: Runtime) -> RecountReport:
    """Recount all workspaces, one short transaction per campaign and per workspace; nothing is changed."""
    started = time.monotonic()
    report = RecountReport()
    async with runtime.database.system() as tx:
        workspace_ids = await list_workspace_ids(tx)
    for workspace_id in workspace_ids:
        await _recount_workspace(runtime, workspace_id, report)
    report.workspaces = len(workspace_ids)
    report.seconds = round(time.monotonic() - started, 2)
    return report


async def _recount_workspace(runtime: Runtime, workspace_id: int, report: RecountReport) -> None:
    def note(of: str, counter: str, values: tuple[object, object]) -> None:
        report.differences.append(
            Difference(workspace_id=workspace_id, of=of, counter=counter, stored=values[0], counted=values[1])
        )

    async with runtime.database.workspace(workspace_id) as tx:
        looked_at, different = await verify_counts(tx)
        report.categories_and_groups += looked_at
        for public_id, values in different.items():
            note(public_id, "contact_count", values)
        periods, usage = await verify_usage(tx)
        report.usage_periods += periods
        for period, used in usage.items():
            note(period, "messages_used", used)
        for counter, position in (await verify_positions(tx)).items():
            note("events", counter, position)
        campaign_ids = await list_counted_campaigns(tx)
    for campaign_id in campaign_ids:
        async with runtime.database.workspace(workspace_id) as tx:
            for counter, moved in (await verify_counters(tx, campaign_id)).items():
                note(encode_id("cmp", campaign_id), counter, moved)
    report.campaigns += len(campaign_ids)
