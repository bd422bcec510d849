"""From changed messages to the counters of campaigns."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from blazz.domains.billing import commit_messages, release_messages
from blazz.domains.inbox.types import MessageStatus, OutcomeDelta, Transition
from blazz.kernel.actor import Actor, Permission
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
            total.failures[item.old_error_code or "unknown"] -= 1
    return [
        OutcomeDelta(
            campaign_id=campaign_id,
            queued=total.counts["queued"],
            accepted=total.counts["accepted"],
            delivered=total.counts["delivered"],
            read=total.counts["read"],
            failed=total.counts["failed"],
            in_doubt=total.counts["in_doubt"],
            cancelled=total.counts["cancelled"],
            failures=dict(total.failures),
        )
        for campaign_id, total in sorted(sums.items())
        if any(total.counts.values()) or total.failures
    ]


_STATUS_COUNTERS = (
    (MessageStatus.QUEUED, "queued"),
    (MessageStatus.IN_DOUBT, "in_doubt"),
    (MessageStatus.FAILED, "failed"),
    (MessageStatus.CANCELLED, "cancelled"),
)


def _was_never_taken(item: Transition) -> bool:
    """Tell whether a message outside campaigns failed before the provider took it; campaigns settle their own quota."""
    is_over = item.new_status in {MessageStatus.FAILED, MessageStatus.CANCELLED}
    return item.campaign_id is None and is_over and item.old_status < MessageStatus.ACCEPTED and not item.accepted


async def record_transitions(
    tx: WorkspaceTx, transitions: Sequence[Transition], sink: OutcomeSink, now: datetime
) -> None:
    """Move the counters of campaigns and count accepted messages as used, in the transaction that changed them."""
    accepted = sum(item.accepted for item in transitions)
    if accepted:
        await commit_messages(tx, accepted, now)
    unused = sum(map(_was_never_taken, transitions))
    if unused:
        actor = Actor.system(tx.workspace_id, "messages that were refused", Permission.MESSAGES_SEND)
        await release_messages(tx, actor, unused, now)
    deltas = sum_transitions(transitions)
    if deltas:
        await sink(tx, deltas)
