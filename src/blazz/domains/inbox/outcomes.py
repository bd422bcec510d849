"""From changed messages to the counters of campaigns."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from blazz.domains.billing import commit_messages
from blazz.domains.inbox.types import MessageStatus, OutcomeDelta, Transition
from blazz.kernel.db import WorkspaceTx

OutcomeSink = Callable[[WorkspaceTx, Sequence[OutcomeDelta]], Awaitable[None]]
"""Who keeps the counters of campaigns; called in the transaction that changed the messages."""


@dataclass(slots=True)
class _Sum:
    counts: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)


def sum_transitions(transitions: Iterable[Transition]) -> list[OutcomeDelta]:
    """Sum transitions per campaign, ordered by campaign so that two writers lock counters in the same order."""
    sums: dict[UUID, _Sum] = {}
    for item in transitions:
        if item.campaign_id is None:
            continue
        total = sums.setdefault(item.campaign_id, _Sum())
        counts = total.counts
        counts["accepted"] += item.accepted
        counts["delivered"] += item.delivered
        counts["read"] += item.read
        for status, name in _STATUS_COUNTERS:
            counts[name] += (item.new_status == status) - (item.old_status == status)
        if item.new_status == MessageStatus.FAILED and item.old_status != MessageStatus.FAILED:
            total.failures[item.error_code or "unknown"] += 1
        elif item.old_status == MessageStatus.FAILED and item.new_status != MessageStatus.FAILED:
            total.failures["recovered"] += 1
    return [
        OutcomeDelta(campaign_id=campaign_id, failures=dict(total.failures), **total.counts)
        for campaign_id, total in sorted(sums.items())
        if any(total.counts.values()) or total.failures
    ]


_STATUS_COUNTERS = (
    (MessageStatus.QUEUED, "queued"),
    (MessageStatus.IN_DOUBT, "in_doubt"),
    (MessageStatus.FAILED, "failed"),
    (MessageStatus.CANCELLED, "cancelled"),
)


async def record_transitions(
    tx: WorkspaceTx, transitions: Sequence[Transition], sink: OutcomeSink, now: datetime
) -> None:
    """Move the counters of campaigns and count accepted messages as used, in the transaction that changed them."""
    accepted = sum(item.accepted for item in transitions)
    if accepted:
        await commit_messages(tx, accepted, now)
    deltas = sum_transitions(transitions)
    if deltas:
        await sink(tx, deltas)
