"""Putting messages into the queue and taking them out again, for campaigns and for people."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from blazz.domains.inbox import store
from blazz.domains.inbox.outcomes import OutcomeSink
from blazz.domains.inbox.types import NewOutbound, OutcomeDelta
from blazz.kernel.db import WorkspaceTx


async def enqueue_messages(tx: WorkspaceTx, rows: Sequence[NewOutbound]) -> None:
    """Store messages and queue them for sending; they leave after the transaction commits."""
    if rows:
        await store.insert_outbound(tx, rows)


async def hold_campaign(tx: WorkspaceTx, campaign_id: UUID) -> int:
    """Make a paused campaign's queued messages wait; those on the wire finish. Returns how many wait."""
    return await store.hold_campaign(tx, campaign_id)


async def release_campaign(tx: WorkspaceTx, campaign_id: UUID, number_id: UUID) -> int:
    """Queue a resumed campaign's waiting messages again. Returns how many."""
    released = await store.release_campaign(tx, campaign_id)
    await store.wake_lanes(tx, [number_id])
    return released


async def cancel_campaign(tx: WorkspaceTx, campaign_id: UUID) -> int:
    """Cancel a campaign's messages that have not left. Returns how many; the caller counts them."""
    ids = await store.take_campaign_outbox(tx, campaign_id)
    return len(await store.cancel_messages(tx, ids, "campaign_cancelled"))


async def cancel_bulk_for_contact(tx: WorkspaceTx, contact_id: UUID, sink: OutcomeSink) -> int:
    """Cancel what campaigns still had queued for a person who opted out. Returns how many."""
    ids = await store.take_contact_outbox(tx, contact_id)
    if not ids:
        return 0
    cancelled = await store.cancel_messages(tx, ids, "recipient_opted_out")
    counts = Counter(campaign_id for _, campaign_id in cancelled if campaign_id is not None)
    await sink(
        tx,
        [
            OutcomeDelta(campaign_id=campaign_id, queued=-count, cancelled=count)
            for campaign_id, count in sorted(counts.items())
        ],
    )
    return len(cancelled)


async def count_unsettled(tx: WorkspaceTx, campaign_id: UUID) -> tuple[int, int]:
    """Count a campaign's messages that wait or are on the wire, and those in doubt."""
    return await store.count_unsettled(tx, campaign_id)


async def lane_backlog(tx: WorkspaceTx, number_id: UUID, bound: int) -> int:
    """Count queued bulk messages of a number, at most ``bound``."""
    return await store.lane_backlog(tx, number_id, bound)
