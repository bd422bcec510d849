"""Runs the statements of this domain and maps their rows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from blazz.domains.channels.types import (
    Account,
    NewNumber,
    Number,
    NumberChanges,
    NumberRoute,
    NumberStatus,
    ObservedHealth,
    UnknownOutcome,
    WebhookDelivery,
)
from blazz.kernel.db import SystemTx, WorkspaceTx, load_queries

SQL = load_queries("blazz.domains.channels")


async def list_accounts(tx: WorkspaceTx) -> list[Account]:
    """Return all accounts, oldest first; a workspace has few."""
    return [_account(row) for row in await tx.fetch(SQL["list_accounts"], tx.workspace_id)]


async def find_account(tx: WorkspaceTx, account_id: UUID) -> Account | None:
    """Return one account, or None."""
    row = await tx.fetchrow(SQL["get_account"], tx.workspace_id, account_id)
    return None if row is None else _account(row)


async def upsert_account(
    tx: WorkspaceTx,
    account_id: UUID,
    *,
    provider: str,
    provider_account_id: str,
    name: str,
    base_url: str | None,
    sealed: bytes,
    unknown_outcome: UnknownOutcome,
) -> UUID:
    """Insert an account or renew the known one; returns the id it has."""
    found: UUID = await tx.fetchval(
        SQL["upsert_account"],
        tx.workspace_id,
        account_id,
        provider,
        provider_account_id,
        name,
        base_url,
        sealed,
        unknown_outcome.value,
    )
    return found


async def set_credentials(tx: WorkspaceTx, account_id: UUID, sealed: bytes) -> bool:
    """Replace an account's credentials; False when there is no such account."""
    return await tx.execute(SQL["set_credentials"], tx.workspace_id, account_id, sealed) == "UPDATE 1"


async def set_account_pause(tx: WorkspaceTx, account_id: UUID, reason: str | None) -> bool:
    """Pause or resume an account; False when nothing changed."""
    return await tx.execute(SQL["set_account_pause"], tx.workspace_id, account_id, reason) == "UPDATE 1"


async def set_messaging_limit(tx: WorkspaceTx, account_id: UUID, limit: int) -> bool:
    """Keep an account's limit of new conversations per day; -1 is unlimited. False when nothing changed."""
    return await tx.execute(SQL["set_messaging_limit"], tx.workspace_id, account_id, limit) == "UPDATE 1"


async def list_numbers(tx: WorkspaceTx, after: UUID | None, limit: int) -> list[Number]:
    """Return up to ``limit`` numbers after an id, oldest first."""
    return [_number(row) for row in await tx.fetch(SQL["list_numbers"], tx.workspace_id, after, limit)]


async def find_number(tx: WorkspaceTx, number_id: UUID) -> Number | None:
    """Return one number, or None."""
    row = await tx.fetchrow(SQL["get_number"], tx.workspace_id, number_id)
    return None if row is None else _number(row)


async def find_sender_row(tx: WorkspaceTx, number_id: UUID) -> asyncpg.Record | None:
    """Return the joined row of a number and its account, credentials sealed."""
    return await tx.fetchrow(SQL["get_sender"], tx.workspace_id, number_id)


async def find_default_number(tx: WorkspaceTx) -> UUID | None:
    """Return the default number, or None."""
    found: UUID | None = await tx.fetchval(SQL["find_default_number"], tx.workspace_id)
    return found


async def find_oldest_number(tx: WorkspaceTx) -> UUID | None:
    """Return the number that was added first, or None."""
    found: UUID | None = await tx.fetchval(SQL["find_oldest_number"], tx.workspace_id)
    return found


async def transaction_time(tx: WorkspaceTx) -> datetime:
    """Return the instant this transaction began, by the database's clock."""
    now: datetime = await tx.fetchval(SQL["transaction_time"])
    return now


async def count_numbers(tx: WorkspaceTx) -> int:
    """Count the workspace's numbers."""
    count: int = await tx.fetchval(SQL["count_numbers"], tx.workspace_id)
    return count


async def insert_number(
    tx: WorkspaceTx,
    number_id: UUID,
    account_id: UUID,
    new: NewNumber,
    seen: ObservedHealth,
    checked_at: datetime | None,
) -> UUID | None:
    """Insert a number, or bring a deleted one back; None when it is connected already."""
    found: UUID | None = await tx.fetchval(
        SQL["insert_number"],
        tx.workspace_id,
        number_id,
        account_id,
        new.provider_number_id,
        new.phone or seen.phone,
        new.display_name or seen.display_name or "",
        (seen.status or NumberStatus.CONNECTED).value,
        seen.quality or "unknown",
        new.messages_per_second,
        new.pair_interval_seconds,
        False,
        new.is_test,
        checked_at,
    )
    return found


async def claim_route(tx: WorkspaceTx, provider: str, provider_number_id: str, route: NumberRoute) -> bool:
    """Take a provider's number for this workspace; False when somebody holds it."""
    row = await tx.fetchval(
        SQL["claim_route"],
        provider,
        provider_number_id,
        tx.workspace_id,
        route.number_id,
        route.provider_account_id,
        route.account_id,
    )
    return row is not None


async def release_route(tx: WorkspaceTx, number_id: UUID) -> None:
    """Let go of a provider's number, so that any workspace may connect it."""
    await tx.execute(SQL["release_route"], tx.workspace_id, number_id)


async def update_number(tx: WorkspaceTx, number_id: UUID, changes: NumberChanges) -> bool:
    """Change settings of a number; False when it does not exist."""
    tag = await tx.execute(
        SQL["update_number"],
        tx.workspace_id,
        number_id,
        changes.display_name,
        changes.messages_per_second,
        changes.pair_interval_seconds,
    )
    return tag == "UPDATE 1"


async def set_default(tx: WorkspaceTx, number_id: UUID, *, default: bool) -> None:
    """Make a number the only default one, or no longer the default."""
    if default:
        await tx.execute(SQL["clear_default"], tx.workspace_id, number_id)
    await tx.execute(SQL["set_default"], tx.workspace_id, number_id, default)


async def set_health(
    tx: WorkspaceTx, number_id: UUID, seen: ObservedHealth, checked_at: datetime | None
) -> tuple[str, str] | None:
    """Keep what was learned; returns status and quality as they are now, or None without such a number."""
    row = await tx.fetchrow(
        SQL["set_health"],
        tx.workspace_id,
        number_id,
        None if seen.status is None else seen.status.value,
        seen.quality,
        seen.phone,
        seen.display_name,
        checked_at,
    )
    return None if row is None else (row["status"], row["quality"])


async def set_hold(tx: WorkspaceTx, number_id: UUID, reason: str, until: datetime) -> bool:
    """Hold a number; False when it is held longer already or does not exist."""
    return await tx.execute(SQL["set_hold"], tx.workspace_id, number_id, until, reason) == "UPDATE 1"


async def clear_hold(tx: WorkspaceTx, number_id: UUID) -> bool:
    """End a hold; False when there was none."""
    return await tx.execute(SQL["clear_hold"], tx.workspace_id, number_id) == "UPDATE 1"


async def delete_number(tx: WorkspaceTx, number_id: UUID) -> bool:
    """Mark a number deleted; False when it does not exist."""
    return await tx.execute(SQL["delete_number"], tx.workspace_id, number_id) == "UPDATE 1"


async def claim_deliveries(tx: SystemTx, limit: int) -> list[WebhookDelivery]:
    """Lock up to ``limit`` due deliveries, oldest first; others skip them until this transaction ends."""
    rows = await tx.fetch(SQL["claim_deliveries"], limit)
    return [
        WebhookDelivery(
            id=row["id"],
            provider=row["provider"],
            body=row["body"],
            received_at=row["received_at"],
            attempts=row["attempts"],
        )
        for row in rows
    ]


async def delete_deliveries(tx: SystemTx, delivery_ids: Sequence[UUID]) -> None:
    """Remove applied deliveries, in the transaction that applied them."""
    await tx.execute(SQL["delete_deliveries"], list(delivery_ids))


async def postpone_delivery(tx: SystemTx, delivery_id: UUID, seconds: float) -> None:
    """Try a delivery again after some seconds, counting the attempt."""
    await tx.execute(SQL["postpone_delivery"], delivery_id, seconds)


async def park_delivery(tx: SystemTx, delivery_id: UUID, problem: str) -> None:
    """Keep a delivery that cannot be applied, with the reason, out of the way of the others."""
    await tx.execute(SQL["park_delivery"], delivery_id, problem[:1000])


async def release_parked(tx: SystemTx) -> int:
    """Let every parked delivery be claimed again; returns how many."""
    return int((await tx.execute(SQL["release_parked"])).rpartition(" ")[2])


async def route_numbers(tx: SystemTx, provider: str, provider_number_ids: Sequence[str]) -> dict[str, NumberRoute]:
    """Find the workspaces of a provider's numbers; unknown ones are missing from the answer."""
    rows = await tx.fetch(SQL["route_numbers"], provider, list(provider_number_ids))
    return {
        row["provider_number_id"]: NumberRoute(
            workspace_id=row["workspace_id"],
            number_id=row["number_id"],
            account_id=row["account_id"],
            provider_account_id=row["provider_account_id"],
        )
        for row in rows
    }


async def route_accounts(
    tx: SystemTx, provider: str, provider_account_ids: Sequence[str]
) -> dict[str, list[tuple[int, UUID]]]:
    """Find ``(workspace id, account id)`` of a provider's accounts; two workspaces may share a WABA."""
    found: dict[str, list[tuple[int, UUID]]] = {}
    for row in await tx.fetch(SQL["route_accounts"], provider, list(provider_account_ids)):
        found.setdefault(row["provider_account_id"], []).append((row["workspace_id"], row["account_id"]))
    return found


async def find_webhook_account(tx: SystemTx, account_id: UUID) -> tuple[int, bytes] | None:
    """Return an account's workspace and sealed credentials; None without a connected number of it."""
    row = await tx.fetchrow(SQL["find_webhook_account"], account_id)
    return None if row is None else (row["workspace_id"], row["credentials"])


def _account(row: asyncpg.Record) -> Account:
    return Account(
        id=row["id"],
        provider=row["provider"],
        provider_account_id=row["provider_account_id"],
        name=row["name"],
        base_url=row["base_url"],
        unknown_outcome=UnknownOutcome(row["unknown_outcome"]),
        messaging_limit=row["messaging_limit"],
        paused_reason=row["paused_reason"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        sealed_credentials=row["credentials"],
    )


def _number(row: asyncpg.Record) -> Number:
    return Number(**{**dict(row), "status": NumberStatus(row["status"])})
