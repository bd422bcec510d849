"""Typed events: what happened, written in the transaction that made it happen."""

from blazz.kernel.events.event import Event
from blazz.kernel.events.outbox import write_events

__all__ = ["Event", "write_events"]
