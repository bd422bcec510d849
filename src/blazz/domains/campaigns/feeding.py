"""Turns recipients into queued messages, a bounded number at a time, so that pause and cancel act at once."""

from datetime import UTC, datetime
from uuid import UUID

from blazz.domains.campaigns import people, quota, store
from blazz.domains.campaigns.events import CampaignProgressed
from blazz.domains.campaigns.rendering import CompiledTemplate, compile_template
from blazz.domains.campaigns.transitions import Move, next_status
from blazz.domains.campaigns.types import Campaign, SkipReason
from blazz.domains.inbox import Lane, NewOutbound, Origin, enqueue_messages
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import new_uuid7

_COMPILED: dict[tuple[UUID, str], CompiledTemplate] = {}
_COMPILED_MOST = 256
_BEGINNING = UUID(int=0)


async def feed_campaign(tx: WorkspaceTx, campaign_id: UUID, room: int, *, now: datetime | None = None) -> int:
    """Queue messages for up to ``room`` more recipients; return how many were taken up, skipped ones included.

    The campaign's row is held for the batch: a pause or cancel waits for it to commit and then sees all of it, and a
    campaign that somebody else holds, or that does not run, gives 0. After the last one it is completing.
    """
    campaign = await store.find_running(tx, campaign_id)
    if campaign is None or campaign.template_snapshot is None or room <= 0:
        return 0
    now = now or datetime.now(UTC)
    compiled = _compiled(campaign)
    rows = await tx.fetch(
        store.SQL["next_recipients"],
        tx.workspace_id,
        campaign.id,
        campaign.feed_cursor or _BEGINNING,
        room,
        compiled.reads_attributes,
    )
    messages: list[NewOutbound] = []
    skipped: list[tuple[UUID, SkipReason]] = []
    for row in rows:
        contact_id = row["contact_id"]
        if row["is_deleted"]:
            skipped.append((contact_id, SkipReason.DELETED))
        elif row["is_opted_out"]:
            skipped.append((contact_id, SkipReason.OPTED_OUT))
        elif (filled := compiled.fill(people.reader(dict(row)))) is None:
            skipped.append((contact_id, SkipReason.VARIABLES_MISSING))
        else:
            messages.append(
                NewOutbound(
                    message_id=new_uuid7(),
                    number_id=campaign.number_id,
                    contact_id=contact_id,
                    address=row["address"],
                    kind="template",
                    body=filled.body,
                    content_json=filled.content_json,
                    lane=Lane.BULK,
                    origin=Origin.CAMPAIGN,
                    campaign_id=campaign.id,
                )
            )
    if rows:
        await _store_batch(tx, campaign, messages, skipped, now, cursor=rows[-1]["contact_id"])
    if len(rows) < room:
        await _drain(tx, campaign, now)
    return len(rows)


async def _drain(tx: WorkspaceTx, campaign: Campaign, now: datetime) -> None:
    """Everybody was taken up: from here the campaign only waits for outcomes."""
    status = next_status(campaign.status, Move.DRAINED)
    assert status is not None
    await store.set_status(tx, campaign.id, status, now)
    stats = await store.get_stats(tx, campaign.id)
    tx.publish(
        CampaignProgressed(
            workspace_id=tx.workspace_id,
            campaign_id=campaign.id,
            status=status.value,
            stats=stats.numbers(),
            failures=dict(stats.failures),
        )
    )


async def _store_batch(
    tx: WorkspaceTx,
    campaign: Campaign,
    messages: list[NewOutbound],
    skipped: list[tuple[UUID, SkipReason]],
    now: datetime,
    *,
    cursor: UUID,
) -> None:
    """Queue the messages and mark their recipients; cursor, counters and the reservation move with them."""
    if skipped:
        # Usage before the counters of the campaign, as the send path takes them: so nobody waits in a circle.
        await quota.release(tx, len(skipped), now)
    if messages:
        await enqueue_messages(tx, messages)
        await tx.execute(
            store.SQL["mark_fed"],
            tx.workspace_id,
            campaign.id,
            [message.contact_id for message in messages],
            [message.message_id for message in messages],
            cursor,
        )
    else:
        await tx.execute(store.SQL["set_cursor"], tx.workspace_id, campaign.id, cursor)
    if skipped:
        await tx.execute(
            store.SQL["mark_skipped"],
            tx.workspace_id,
            campaign.id,
            [contact_id for contact_id, _ in skipped],
            [reason.value for _, reason in skipped],
        )
        held = max(0, campaign.reserved - len(skipped))
        await tx.execute(store.SQL["set_reserved"], tx.workspace_id, campaign.id, held)
        await tx.execute(store.SQL["move_skipped_stats"], tx.workspace_id, campaign.id, len(skipped))


def _compiled(campaign: Campaign) -> CompiledTemplate:
    """Compile once per campaign and process; variables belong to the key because a copy may differ in them."""
    assert campaign.template_snapshot is not None
    key = (campaign.id, store.as_json(campaign.variables))
    known = _COMPILED.get(key)
    if known is None:
        if len(_COMPILED) >= _COMPILED_MOST:
            _COMPILED.pop(next(iter(_COMPILED)))
        known = _COMPILED[key] = compile_template(campaign.template_snapshot, campaign.variables)
    return known
