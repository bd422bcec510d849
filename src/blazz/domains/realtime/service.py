"""Reads events from where a client stopped; a reader never skips one, also not one that commits late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx, load_queries
from blazz.kernel.errors import Conflict, Message

SQL = load_queries(__package__)
# Positions one request looks at; rare types need several requests, each of them cheap.
WINDOW: Final = 5_000
# What an actor must be allowed to read to see events of a family, which is the part of the type before the dot.
FAMILIES: Final = {
    "workspace": Permission.WORKSPACE_READ,
    "member": Permission.MEMBERS_READ,
    "contact": Permission.CONTACTS_READ,
    "contact_import": Permission.CONTACTS_READ,
    "number": Permission.NUMBERS_READ,
    "account": Permission.NUMBERS_READ,
    "template": Permission.TEMPLATES_READ,
    "templates": Permission.TEMPLATES_READ,
    "message": Permission.CONVERSATIONS_READ,
    "conversation": Permission.CONVERSATIONS_READ,
    "conversations": Permission.CONVERSATIONS_READ,
    "campaign": Permission.CAMPAIGNS_READ,
}


class EventsExpired(Conflict):
    """Events after the given position were dropped by the retention; ``oldest`` is the first that is kept."""

    code = "events_expired"
    message = Message(
        en="Events after this point are no longer kept. Load the current state, then go on with after=now.",
        id="Peristiwa setelah titik ini sudah tidak disimpan. Muat keadaan terkini, lalu lanjutkan dengan after=now.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One event; ``payload`` is JSON text."""

    position: int
    id: UUID
    type: str
    version: int
    payload: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSlice:
    """Events in order; go on after ``position``, at once while ``has_more``."""

    events: list[StoredEvent]
    position: int
    has_more: bool


async def event_head(tx: WorkspaceTx, actor: Actor) -> int:
    """Return the position of the newest event; 0 before the first."""
    actor.require(Permission.WORKSPACE_READ)
    row = await tx.fetchrow(SQL["get_head"], tx.workspace_id)
    return int(row["newest"]) if row else 0


async def list_events(
    tx: WorkspaceTx, actor: Actor, after: int | None, limit: int, *, types: Sequence[str] = ()
) -> EventSlice:
    """List up to ``limit`` events after a position, oldest first; None begins with the oldest that is kept.

    ``types`` narrows to types (``contact.created``) or families (``contact.*``). Events of families that the actor may
    not read are left out.

    Raises:
        PermissionDenied: a named type belongs to a family that the actor may not read.
        EventsExpired: the retention dropped events that the reader has not seen.

    """
    actor.require(Permission.WORKSPACE_READ)
    for name in types:
        actor.require(FAMILIES.get(_family(name), Permission.WORKSPACE_READ))
    allowed = [family for family, permission in FAMILIES.items() if permission in actor.permissions]
    head = await tx.fetchrow(SQL["get_head"], tx.workspace_id)
    assert head is not None
    newest, oldest = int(head["newest"]), head["oldest"]
    first = newest + 1 if oldest is None else int(oldest)
    start = first - 1 if after is None else min(after, newest)
    if start < first - 1:
        raise EventsExpired(oldest=first)
    end = min(newest, start + WINDOW)
    rows = await tx.fetch(
        SQL["list_events"],
        tx.workspace_id,
        start,
        end,
        allowed,
        [name for name in types if not name.endswith(".*")] if types else None,
        [_family(name) for name in types if name.endswith(".*")],
        limit,
    )
    events = [StoredEvent(**dict(row)) for row in rows]
    position = events[-1].position if len(events) == limit else end
    return EventSlice(events=events, position=position, has_more=position < newest)


def _family(name: str) -> str:
    return name.partition(".")[0]


async def verify_positions(tx: WorkspaceTx) -> dict[str, tuple[int, int]]:
    """Compare the counter of positions with the stored events; return what differs as (stored, counted)."""
    row = await tx.fetchrow(SQL["recount_positions"], tx.workspace_id)
    assert row is not None
    different = {}
    # Without any event the retention may have dropped all of them.
    if row["kept"] and row["stored_last"] != row["counted_last"]:
        different["last_position"] = (row["stored_last"], row["counted_last"])
    if row["kept"] != row["expected"]:
        different["events_without_gaps"] = (row["expected"], row["kept"])
    return different
