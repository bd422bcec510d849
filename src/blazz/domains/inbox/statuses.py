"""Provider statuses: folded per message, matched by our echoed id first and the ledger second, applied forward only."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from blazz.domains.channels.inbound import StatusUpdate
from blazz.domains.inbox import store
from blazz.domains.inbox.outcomes import OutcomeSink, record_transitions
from blazz.domains.inbox.types import MessageStatus, Progress
from blazz.kernel.db import WorkspaceTx

_LEVELS = {
    "sent": MessageStatus.SENT,
    "delivered": MessageStatus.DELIVERED,
    "read": MessageStatus.READ,
    "played": MessageStatus.PLAYED,
    "failed": MessageStatus.FAILED,
}


async def apply_statuses(
    tx: WorkspaceTx, updates: Sequence[StatusUpdate], sink: OutcomeSink, now: datetime
) -> list[StatusUpdate]:
    """Apply a batch; answer the updates whose message is not known (yet).

    A repeated batch changes nothing, so redelivered webhooks are harmless.
    """
    known, unmatched = await _match(tx, updates)
    if not known:
        return unmatched
    news = [fold_updates(message_id, items) for message_id, items in sorted(known.items())]
    # A status proves acceptance, so the answer of a lost call is settled here, too.
    transitions = await store.advance_messages(tx, news)
    found = {item.message_id for item in transitions}
    for message_id in known.keys() - found:
        unmatched.extend(known.pop(message_id))
    await record_transitions(tx, transitions, sink, now)
    return unmatched


async def _match(
    tx: WorkspaceTx, updates: Sequence[StatusUpdate]
) -> tuple[dict[UUID, list[StatusUpdate]], list[StatusUpdate]]:
    known: dict[UUID, list[StatusUpdate]] = {}
    unsure = []
    for update in updates:
        if update.status not in _LEVELS:
            continue
        message_id = _echoed(update.opaque_id)
        if message_id is None:
            unsure.append(update)
        else:
            known.setdefault(message_id, []).append(update)
    if not unsure:
        return known, []
    resolved = await store.resolve_provider_ids(tx, [update.provider_message_id for update in unsure])
    unmatched = []
    for update in unsure:
        message_id = resolved.get(update.provider_message_id)
        if message_id is None:
            unmatched.append(update)
        else:
            known.setdefault(message_id, []).append(update)
    return known, unmatched


def _echoed(opaque_id: str | None) -> UUID | None:
    if opaque_id is None or len(opaque_id) != 32:
        return None
    try:
        return UUID(opaque_id)
    except ValueError:
        return None


def fold_updates(message_id: UUID, updates: Iterable[StatusUpdate]) -> Progress:
    """Fold the updates of one message: the furthest status and the earliest instant of each state.

    ``read`` implies ``delivered``; a delivery outranks a failure.
    """
    sent: datetime | None = None
    delivered: datetime | None = None
    read: datetime | None = None
    failed: datetime | None = None
    furthest = MessageStatus.SENT
    provider_id, error_code, provider_error = "", None, None
    for update in updates:
        level, provider_id = _LEVELS[update.status], update.provider_message_id
        sent = _earliest(sent, update.at)
        if level is MessageStatus.FAILED:
            failed = _earliest(failed, update.at)
            if update.errors:
                error_code, provider_error = update.errors[0].code.value, update.errors[0].provider_code
            continue
        furthest = max(furthest, level)
        if level >= MessageStatus.DELIVERED:
            delivered = _earliest(delivered, update.at)
        if level >= MessageStatus.READ:
            read = _earliest(read, update.at)
    is_failure = failed is not None and furthest < MessageStatus.DELIVERED
    return Progress(
        message_id=message_id,
        status=MessageStatus.FAILED if is_failure else furthest,
        sent_at=sent,
        delivered_at=delivered,
        read_at=read,
        failed_at=failed if is_failure else None,
        provider_message_id=provider_id,
        error_code=error_code if is_failure else None,
        provider_error=provider_error if is_failure else None,
    )


def _earliest(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)
