"""Reserving, releasing and committing usage against the plan."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import asyncpg

from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx, load_queries
from blazz.kernel.errors import LimitReached, Message
from blazz.kernel.ids import new_uuid7

SQL = load_queries(__package__)
Resource = Literal["numbers", "contacts", "campaigns"]
_NO_LIMIT = 2**62


class QuotaReached(LimitReached):
    """The plan does not allow that much."""

    code = "quota_exceeded"
    message = Message(
        en="Your plan allows {limit} {what}; {used} are used and you asked for {wanted} more.",
        id="Paket Anda membolehkan {limit} {what}; {used} sudah terpakai dan Anda meminta {wanted} lagi.",
    )


# What a plan without a bound holds in its columns.
_UNBOUNDED = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Messages of one period: used, reserved by running campaigns, and the plan's limit."""

    period: Literal["day", "month"]
    starts_on: date
    used: int
    reserved: int
    limit: int


async def _limits(tx: WorkspaceTx, now: datetime) -> asyncpg.Record:
    row = await tx.fetchrow(SQL["get_limits"], tx.workspace_id, now)
    assert row is not None
    return row


async def reserve_messages(
    tx: WorkspaceTx, actor: Actor, quantity: int, now: datetime, *, beyond_limit: bool = False
) -> None:
    """Reserve messages of today and this month; ``beyond_limit`` is for the few that the law wants sent in any case.

    Raises:
        QuotaReached: a limit leaves less than that; nothing is reserved then.

    """
    actor.require(Permission.MESSAGES_SEND)
    limits = await _limits(tx, now)
    for period, starts_on, limit in (
        ("month", limits["month"], limits["messages_per_month"]),
        ("day", limits["today"], limits["messages_per_day"]),
    ):
        bound = _NO_LIMIT if beyond_limit else limit
        taken = await tx.fetchrow(SQL["reserve"], tx.workspace_id, period, starts_on, quantity, bound)
        if taken is None:
            held = await tx.fetchrow(SQL["get_counter"], tx.workspace_id, period, starts_on)
            used = held["reserved"] + held["used"] if held else 0
            raise QuotaReached(what=f"messages per {period}", limit=limit, used=used, wanted=quantity)


async def release_messages(tx: WorkspaceTx, actor: Actor, quantity: int, now: datetime) -> None:
    """Give reserved messages back that never left."""
    actor.require(Permission.MESSAGES_SEND)
    limits = await _limits(tx, now)
    for period, starts_on in (("month", limits["month"]), ("day", limits["today"])):
        await tx.execute(SQL["release"], tx.workspace_id, period, starts_on, quantity)


async def commit_messages(tx: WorkspaceTx, quantity: int, now: datetime) -> None:
    """Count accepted messages as used. Called by the send path, which acts for the system and needs no permission."""
    await tx.execute(SQL["commit"], tx.workspace_id, quantity, now, new_uuid7())


async def require_room(tx: WorkspaceTx, resource: Resource, current: int, adding: int, now: datetime) -> None:
    """Refuse unless the plan has room for more of a resource. Called inside commands that checked a permission.

    Raises:
        QuotaReached: the plan allows fewer.

    """
    limits = await _limits(tx, now)
    if current + adding > limits[resource]:
        raise QuotaReached(what=resource, limit=limits[resource], used=current, wanted=adding)


async def get_limit(tx: WorkspaceTx, resource: Resource, now: datetime) -> int | None:
    """Read how many of a resource the plan allows; None when it names no real bound. Called inside checked commands."""
    limit: int = (await _limits(tx, now))[resource]
    return None if limit >= _UNBOUNDED else limit


async def get_usage(tx: WorkspaceTx, actor: Actor, now: datetime) -> list[Usage]:
    """Read today's and this month's messages."""
    actor.require(Permission.USAGE_READ)
    limits = await _limits(tx, now)
    found = []
    periods: tuple[tuple[Literal["day", "month"], date, int], ...] = (
        ("day", limits["today"], limits["messages_per_day"]),
        ("month", limits["month"], limits["messages_per_month"]),
    )
    for period, starts_on, limit in periods:
        row = await tx.fetchrow(SQL["get_counter"], tx.workspace_id, period, starts_on)
        used, reserved = (row["used"], row["reserved"]) if row else (0, 0)
        found.append(Usage(period=period, starts_on=starts_on, used=used, reserved=reserved, limit=limit))
    return found


async def verify_usage(tx: WorkspaceTx) -> tuple[int, dict[str, tuple[int, int]]]:
    """Compare used messages with the usage log; return the number of periods, and those that differ as (stored, counted).

    Called by the recount, which acts for the system and needs no permission.
    """
    rows = await tx.fetch(SQL["recount_usage"], tx.workspace_id)
    different = {
        f"{row['period']} {row['starts_on']}": (row["stored"], row["counted"])
        for row in rows
        if row["stored"] != row["counted"]
    }
    return len(rows), different
