"""Realtime: what happened in a workspace, in the order in which it was committed, without gaps.

Owns ``events`` and ``event_positions``; both are written by the kernel inside the transactions that cause events.
Events of a month are dropped together when the retention has passed (``migrations.retention``).
"""

from blazz.domains.realtime.service import (
    EventsExpired,
    EventSlice,
    StoredEvent,
    event_head,
    list_events,
    verify_positions,
)

__all__ = ["EventSlice", "EventsExpired", "StoredEvent", "event_head", "list_events", "verify_positions"]
