"""What senders ask about a number, and how they hold it when the provider says stop."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blazz.domains.channels import store
from blazz.domains.channels.credentials import open_credentials
from blazz.domains.channels.errors import AccountNotFound, NumberNotFound
from blazz.domains.channels.events import NumberHeld, NumberReleased
from blazz.domains.channels.ports import NumberRef
from blazz.domains.channels.providers import make_ref
from blazz.domains.channels.types import NumberStatus, SenderNumber, UnknownOutcome
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.security import Envelope


async def get_sender(tx: WorkspaceTx, envelope: Envelope, number_id: UUID) -> SenderNumber:
    """Return a number with everything a provider call needs, its credentials opened.

    Raises:
        NumberNotFound: it does not exist in this workspace, or was deleted.
        CredentialsUnreadable: the credentials were sealed with another key.

    """
    row = await store.find_sender_row(tx, number_id)
    if row is None:
        raise NumberNotFound
    return SenderNumber(
        number_id=row["id"],
        account_id=row["account_id"],
        provider=row["provider"],
        provider_number_id=row["provider_number_id"],
        provider_account_id=row["provider_account_id"],
        credentials=open_credentials(envelope, tx.workspace_id, row["credentials"]),
        messages_per_second=row["messages_per_second"],
        pair_interval_seconds=row["pair_interval_seconds"],
        unknown_outcome=UnknownOutcome(row["unknown_outcome"]),
        status=NumberStatus(row["status"]),
        base_url=row["base_url"],
        is_test=row["is_test"],
        held_until=row["held_until"],
        held_reason=row["held_reason"],
        paused_reason=row["paused_reason"],
    )


async def hold_number(tx: WorkspaceTx, number_id: UUID, reason: str, until: datetime) -> bool:
    """Send nothing from a number until an instant; a longer hold is never shortened. False when nothing changed."""
    held = await store.set_hold(tx, number_id, reason, until)
    if held:
        tx.publish(NumberHeld.of(tx.workspace_id, number_id, reason, until))
    return held


async def release_number(tx: WorkspaceTx, number_id: UUID) -> bool:
    """End a hold early; False when there was none."""
    released = await store.clear_hold(tx, number_id)
    if released:
        tx.publish(NumberReleased(workspace_id=tx.workspace_id, number_id=number_id))
    return released


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAccess:
    """An account as provider calls need it: which adapter, at which address, and the reference to pass."""

    account_id: UUID
    provider: str
    base_url: str | None
    ref: NumberRef


async def list_account_access(
    tx: WorkspaceTx, envelope: Envelope, account_id: UUID | None = None
) -> list[AccountAccess]:
    """Return what provider calls about accounts need, for one account or for all.

    Raises:
        AccountNotFound: the one asked for does not exist in this workspace.
        CredentialsUnreadable: credentials were sealed with another key.

    """
    accounts = await store.list_accounts(tx)
    if account_id is not None:
        accounts = [account for account in accounts if account.id == account_id]
        if not accounts:
            raise AccountNotFound
    return [
        AccountAccess(
            account_id=account.id,
            provider=account.provider,
            base_url=account.base_url,
            ref=make_ref(
                account.provider_account_id,
                "",
                open_credentials(envelope, tx.workspace_id, account.sealed_credentials),
            ),
        )
        for account in accounts
    ]
