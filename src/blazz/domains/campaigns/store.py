"""Runs the statements of campaigns and maps their rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from blazz.domains.campaigns.errors import CampaignNotFound
from blazz.domains.campaigns.types import (
    COUNTERS,
    Audience,
    AudienceCount,
    AutoPause,
    Campaign,
    CampaignStatus,
    LogEntry,
    Recipient,
    RecipientState,
    Sender,
    Stats,
    TemplateSnapshot,
    VariableSource,
)
from blazz.kernel.db import WorkspaceTx, load_queries
from blazz.kernel.ids import new_uuid7

SQL = load_queries(__package__)


def as_json(value: object) -> str:
    """Write a value as stored JSON."""
    return msgspec.json.encode(value).decode()


def campaign_from(row: asyncpg.Record) -> Campaign:
    """Map one row of ``campaigns``."""
    snapshot = row["template_snapshot"]
    return Campaign(
        id=row["id"],
        name=row["name"],
        number_id=row["number_id"],
        template_id=row["template_id"],
        status=CampaignStatus(row["status"]),
        audience=msgspec.json.decode(row["audience"], type=Audience),
        variables=msgspec.json.decode(row["variables"], type=dict[str, VariableSource]),
        auto_pause=msgspec.json.decode(row["auto_pause"], type=AutoPause),
        template_snapshot=None if snapshot is None else msgspec.json.decode(snapshot, type=TemplateSnapshot),
        scheduled_at=row["scheduled_at"],
        started_at=row["started_at"],
        prepared_at=row["prepared_at"],
        completed_at=row["completed_at"],
        paused_reason=row["paused_reason"],
        held_reason=row["held_reason"],
        feed_cursor=row["feed_cursor"],
        reserved=row["reserved"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def stats_from(row: asyncpg.Record) -> Stats:
    """Map one row of counters."""
    numbers: dict[str, int] = {name: row[name] for name in COUNTERS}
    return Stats(
        campaign_id=row["campaign_id"], failures=msgspec.json.decode(row["failures"], type=dict[str, int]), **numbers
    )


async def get_campaign(tx: WorkspaceTx, campaign_id: UUID, *, for_update: bool = False) -> Campaign:
    """Load a campaign; with ``for_update`` its row is held until the transaction ends.

    Raises:
        CampaignNotFound: no such campaign in this workspace.

    """
    row = await tx.fetchrow(SQL["lock_campaign" if for_update else "get_campaign"], tx.workspace_id, campaign_id)
    if row is None:
        raise CampaignNotFound
    return campaign_from(row)


async def find_running(tx: WorkspaceTx, campaign_id: UUID) -> Campaign | None:
    """Hold a running campaign for one feeding batch; None when it does not run or is held by somebody."""
    row = await tx.fetchrow(SQL["lock_running"], tx.workspace_id, campaign_id)
    return None if row is None else campaign_from(row)


async def list_campaigns(
    tx: WorkspaceTx, *, before: UUID | None, status: CampaignStatus | None, limit: int
) -> list[Campaign]:
    """List campaigns, newest first."""
    rows = await tx.fetch(SQL["list_campaigns"], tx.workspace_id, before, status, limit)
    return [campaign_from(row) for row in rows]


async def get_stats(tx: WorkspaceTx, campaign_id: UUID) -> Stats:
    """Load the counters of a campaign; zeros where there are none."""
    row = await tx.fetchrow(SQL["get_stats"], tx.workspace_id, campaign_id)
    return Stats(campaign_id=campaign_id) if row is None else stats_from(row)


async def list_stats(tx: WorkspaceTx, campaign_ids: Sequence[UUID]) -> dict[UUID, Stats]:
    """Load the counters of several campaigns by id."""
    rows = await tx.fetch(SQL["list_stats"], tx.workspace_id, list(campaign_ids))
    return {row["campaign_id"]: stats_from(row) for row in rows}


async def set_status(
    tx: WorkspaceTx, campaign_id: UUID, status: CampaignStatus, now: datetime, *, reason: str | None = None
) -> None:
    """Move a campaign to a state; the caller holds the row and has asked ``transitions``."""
    await tx.execute(SQL["set_status"], tx.workspace_id, campaign_id, status.value, reason, now)


async def write_log(
    tx: WorkspaceTx,
    campaign_id: UUID,
    action: str,
    now: datetime,
    *,
    reason: str | None = None,
    actor_id: UUID | None = None,
) -> None:
    """Note who or what changed a campaign."""
    await tx.execute(SQL["insert_log"], tx.workspace_id, new_uuid7(), campaign_id, action, reason, actor_id, now)


async def list_log(tx: WorkspaceTx, campaign_id: UUID, *, before: UUID | None, limit: int) -> list[LogEntry]:
    """List what happened to a campaign, newest first."""
    rows = await tx.fetch(SQL["list_log"], tx.workspace_id, campaign_id, before, limit)
    return [LogEntry(**dict(row)) for row in rows]


async def list_recipients(
    tx: WorkspaceTx,
    campaign_id: UUID,
    *,
    after: UUID | None,
    state: RecipientState | None,
    statuses: Sequence[int] | None,
    limit: int,
) -> list[Recipient]:
    """List people of a frozen audience in the order of their ids."""
    wanted = None if statuses is None else list(statuses)
    rows = await tx.fetch(SQL["list_recipients"], tx.workspace_id, campaign_id, after, state, wanted, limit)
    return [Recipient(**{**dict(row), "state": RecipientState(row["state"])}) for row in rows]


async def find_sender(tx: WorkspaceTx, number_id: UUID) -> Sender | None:
    """Load the sending number with its account's limits."""
    row = await tx.fetchrow(SQL["find_number"], tx.workspace_id, number_id)
    if row is None:
        return None
    return Sender(
        id=row["id"],
        account_id=row["account_id"],
        label=row["phone"] or row["display_name"],
        status=row["status"],
        messages_per_second=row["messages_per_second"],
        messaging_limit=row["messaging_limit"],
        account_paused_reason=row["paused_reason"],
    )


async def find_template(tx: WorkspaceTx, template_id: UUID) -> TemplateSnapshot | None:
    """Load a template in the form that is frozen into a campaign."""
    row = await tx.fetchrow(SQL["find_template"], tx.workspace_id, template_id)
    if row is None:
        return None
    values = dict(row) | {"components": msgspec.json.decode(row["components"], type=list[dict[str, object]])}
    return TemplateSnapshot(**values)


async def freeze_audience(
    tx: WorkspaceTx, campaign_id: UUID, audience: Audience, required_fields: Sequence[str], *, store: bool
) -> AudienceCount:
    """Choose, judge and count the people of an audience; with ``store`` also write one recipient row per person."""
    include, exclude = audience.include, audience.exclude
    await tx.execute(SQL["prefer_hash_joins"])
    rows = await tx.fetch(
        SQL["freeze_audience"],
        tx.workspace_id,
        campaign_id,
        include.all,
        list(include.groups),
        list(include.categories),
        list(include.contacts),
        list(exclude.received_campaigns),
        list(exclude.groups),
        list(required_fields),
        store,
    )
    await tx.execute(SQL["allow_nested_loops"])
    counts: dict[str, int] = {row["reason"]: row["people"] for row in rows}
    return AudienceCount(
        chosen=sum(counts.values()),
        pending=counts.pop("", 0),
        skipped=dict(sorted(counts.items())),
    )


async def unknown_in_audience(tx: WorkspaceTx, audience: Audience) -> list[tuple[str, UUID]]:
    """Name what an audience refers to and does not exist."""
    include, exclude = audience.include, audience.exclude
    rows = await tx.fetch(
        SQL["unknown_in_audience"],
        tx.workspace_id,
        [*include.groups, *exclude.groups],
        list(include.categories),
        list(include.contacts),
        list(exclude.received_campaigns),
    )
    return [(row["kind"], row["id"]) for row in rows]


async def retry_recipients(
    tx: WorkspaceTx, campaign_id: UUID, now: datetime, contact_ids: Sequence[UUID] | None
) -> tuple[int, int, Mapping[str, int]]:
    """Make failed people pending again; return how many, how many of them had been accepted, and counts by code."""
    wanted = None if contact_ids is None else list(contact_ids)
    rows = await tx.fetch(SQL["retry_recipients"], tx.workspace_id, campaign_id, now, wanted)
    failures: dict[str, int] = {row["error_code"]: row["people"] for row in rows}
    return sum(failures.values()), sum(row["accepted"] for row in rows), failures
