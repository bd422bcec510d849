"""Runs the inbox's statements and maps rows to types; no rules."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from blazz.domains.inbox.types import Conversation, MessageFilter, NewOutbound, Progress, StoredMessage, Transition
from blazz.kernel.db import SystemTx, Tx, WorkspaceTx, load_queries
from blazz.kernel.ids import first_uuid7

SQL = load_queries(__package__)


def provider_key(provider_message_id: str) -> bytes:
    """Return the 16-byte ledger key of a provider's message id."""
    return hashlib.blake2b(provider_message_id.encode(), digest_size=16).digest()


async def insert_outbound(tx: WorkspaceTx, rows: Sequence[NewOutbound]) -> None:
    """Store messages and queue them: one statement for all that share everything but person and text."""
    alike: dict[tuple[object, ...], list[NewOutbound]] = {}
    for row in rows:
        alike.setdefault(_shared(row), []).append(row)
    for shared, group in alike.items():
        await tx.execute(
            SQL["insert_outbound"],
            tx.workspace_id,
            [row.message_id for row in group],
            [row.contact_id for row in group],
            [row.address for row in group],
            [row.body for row in group],
            [row.content_json for row in group],
            *shared,
        )


def _shared(row: NewOutbound) -> tuple[object, ...]:
    return (
        row.number_id,
        row.campaign_id,
        int(row.lane),
        row.conversation_id,
        int(row.origin),
        row.kind,
        row.author_id,
        row.reply_to,
        row.client_reference,
        row.marketing,
    )


async def wake_lanes(tx: WorkspaceTx, number_ids: Sequence[UUID]) -> None:
    """Make the lanes of numbers ready."""
    await tx.execute(SQL["wake_lanes"], tx.workspace_id, list(number_ids))


async def advance_messages(tx: WorkspaceTx, news: Sequence[Progress]) -> list[Transition]:
    """Apply news of messages, free the outbox of those the provider has answered for, and note the provider's ids.

    Returns what changed in each message that exists.
    """
    rows = await tx.fetch(
        SQL["advance_messages"],
        tx.workspace_id,
        [item.message_id for item in news],
        [int(item.status) for item in news],
        [item.sent_at for item in news],
        [item.delivered_at for item in news],
        [item.read_at for item in news],
        [item.failed_at for item in news],
        [item.provider_message_id for item in news],
        [item.error_code for item in news],
        [item.provider_error for item in news],
        [provider_key(item.provider_message_id) if item.provider_message_id else None for item in news],
    )
    return [
        Transition(
            message_id=row["id"],
            contact_id=row["contact_id"],
            campaign_id=row["campaign_id"],
            old_status=row["old_status"],
            new_status=row["new_status"],
            accepted=row["accepted"],
            delivered=row["delivered"],
            read=row["read"],
            error_code=row["error_code"],
            old_error_code=row["old_error_code"],
        )
        for row in rows
    ]


async def remember_provider_ids(tx: WorkspaceTx, pairs: Sequence[tuple[str, UUID]]) -> set[bytes]:
    """Put provider ids into the ledger; answer the keys that were new."""
    rows = await tx.fetch(
        SQL["remember_provider_ids"],
        tx.workspace_id,
        [provider_key(provider_id) for provider_id, _ in pairs],
        [message_id for _, message_id in pairs],
    )
    return {bytes(row["provider_key"]) for row in rows}


async def resolve_provider_ids(tx: WorkspaceTx, provider_ids: Sequence[str]) -> dict[str, UUID]:
    """Find our message ids by the provider's; unknown ones are left out."""
    keys = {provider_key(provider_id): provider_id for provider_id in provider_ids}
    rows = await tx.fetch(SQL["resolve_provider_ids"], tx.workspace_id, list(keys))
    return {keys[bytes(row["provider_key"])]: row["message_id"] for row in rows}


async def requeue(tx: WorkspaceTx, owner: UUID, rows: Sequence[tuple[UUID, float, str, bool]]) -> None:
    """Put provably unsent messages back, not before the given seconds from now; True where the provider put it off."""
    await tx.execute(
        SQL["requeue"],
        tx.workspace_id,
        [row[0] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        owner,
        [int(row[3]) for row in rows],
    )


async def mark_in_doubt(tx: WorkspaceTx, owner: UUID, rows: Sequence[tuple[UUID, str]]) -> list[UUID]:
    """Mark outcomes as unknown; answer the messages this changed."""
    found = await tx.fetch(
        SQL["mark_in_doubt"], tx.workspace_id, [row[0] for row in rows], [row[1] for row in rows], owner
    )
    return [row["message_id"] for row in found]


async def hold_campaign(tx: WorkspaceTx, campaign_id: UUID) -> int:
    """Make a campaign's queued messages wait; answer how many."""
    return _count(await tx.execute(SQL["hold_campaign"], tx.workspace_id, campaign_id))


async def release_campaign(tx: WorkspaceTx, campaign_id: UUID) -> int:
    """Queue a campaign's waiting messages again; answer how many."""
    return _count(await tx.execute(SQL["release_campaign"], tx.workspace_id, campaign_id))


async def take_campaign_outbox(tx: WorkspaceTx, campaign_id: UUID) -> list[UUID]:
    """Remove a campaign's unsent messages from the queue."""
    rows = await tx.fetch(SQL["cancel_campaign_outbox"], tx.workspace_id, campaign_id)
    return [row["message_id"] for row in rows]


async def take_contact_outbox(tx: WorkspaceTx, contact_id: UUID) -> list[UUID]:
    """Remove a person's waiting bulk messages from the queue."""
    rows = await tx.fetch(SQL["cancel_contact_outbox"], tx.workspace_id, contact_id)
    return [row["message_id"] for row in rows]


async def cancel_messages(tx: WorkspaceTx, message_ids: Sequence[UUID], reason: str) -> list[tuple[UUID, UUID | None]]:
    """Show messages as cancelled; answer (message, campaign) pairs."""
    rows = await tx.fetch(SQL["cancel_messages"], tx.workspace_id, list(message_ids), reason)
    return [(row["id"], row["campaign_id"]) for row in rows]


async def count_unsettled(tx: WorkspaceTx, campaign_id: UUID) -> tuple[int, int]:
    """Count a campaign's messages that wait or are on the wire, and those in doubt."""
    row = await tx.fetchrow(SQL["count_unsettled"], tx.workspace_id, campaign_id)
    return (row["waiting"], row["in_doubt"]) if row else (0, 0)


async def lane_backlog(tx: WorkspaceTx, number_id: UUID, bound: int) -> int:
    """Count queued bulk messages of a number, at most ``bound``."""
    return int(await tx.fetchval(SQL["lane_backlog"], tx.workspace_id, number_id, bound))


async def hold_lane(tx: Tx, workspace_id: int, number_id: UUID, until: datetime, reason: str) -> None:
    """Stop a number's lane until an instant."""
    await tx.execute(SQL["hold_lane"], workspace_id, number_id, until, reason)


async def overdue_workspaces(tx: SystemTx, budget: timedelta) -> list[int]:
    """Workspaces with messages on the wire for longer than any call may take."""
    return [row["workspace_id"] for row in await tx.fetch(SQL["workspaces_with_overdue_wire"], budget)]


async def silent_workspaces(tx: SystemTx, window: timedelta) -> list[int]:
    """Workspaces that resend after silence and have something to resend."""
    return [row["workspace_id"] for row in await tx.fetch(SQL["workspaces_with_silent_doubt"], window)]


async def list_conversations(tx: WorkspaceTx, before: tuple[datetime, UUID] | None, limit: int) -> list[Conversation]:
    """One page of threads, newest first."""
    at, last = before or (None, None)
    rows = await tx.fetch(SQL["list_conversations"], tx.workspace_id, at, last, limit)
    return [_conversation(row) for row in rows]


async def find_conversation(tx: WorkspaceTx, conversation_id: UUID) -> Conversation | None:
    """One thread, or None."""
    row = await tx.fetchrow(SQL["get_conversation"], tx.workspace_id, conversation_id)
    return _conversation(row) if row else None


async def list_thread(tx: WorkspaceTx, contact_id: UUID, before: UUID | None, limit: int) -> list[StoredMessage]:
    """One page of a person's messages, newest first."""
    rows = await tx.fetch(SQL["list_thread"], tx.workspace_id, contact_id, before, limit)
    return [StoredMessage(**dict(row)) for row in rows]


async def find_message(tx: WorkspaceTx, message_id: UUID) -> StoredMessage | None:
    """One message, or None."""
    row = await tx.fetchrow(SQL["get_message"], tx.workspace_id, message_id)
    return StoredMessage(**dict(row)) if row else None


async def list_messages(tx: WorkspaceTx, which: MessageFilter, before: UUID | None, limit: int) -> list[StoredMessage]:
    """One page of the workspace's messages, newest first."""
    rows = await tx.fetch(
        SQL["list_messages"],
        tx.workspace_id,
        before,
        None if which.since is None else first_uuid7(which.since),
        None if which.until is None else first_uuid7(which.until),
        which.contact_id,
        which.number_id,
        which.direction,
        None if which.statuses is None else [int(status) for status in which.statuses],
        None if which.origin is None else int(which.origin),
        limit,
    )
    return [StoredMessage(**dict(row)) for row in rows]


def _conversation(row: asyncpg.Record) -> Conversation:
    return Conversation(**dict(row))


def _count(tag: str) -> int:
    return int(tag.rpartition(" ")[2])
