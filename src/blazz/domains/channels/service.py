"""Connects numbers to a workspace, changes them, and lets them go.

Talking to the provider happens between transactions: ``prepare_check`` reads what a call needs, the caller asks the
provider, ``add_number`` or ``record_health`` keeps the answer.
"""

from datetime import datetime
from uuid import UUID

from blazz.domains.billing import require_room
from blazz.domains.channels import store
from blazz.domains.channels.credentials import open_credentials, seal_credentials
from blazz.domains.channels.errors import AccountNotFound, NumberNotFound, NumberTaken
from blazz.domains.channels.events import AccountChanged, NumberAdded, NumberChanged, NumberRemoved
from blazz.domains.channels.types import (
    DEFAULT_PROVIDER,
    Account,
    Credentials,
    NewAccount,
    NewNumber,
    Number,
    NumberChanges,
    NumberRoute,
    NumberStatus,
    ObservedHealth,
)
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import new_uuid7
from blazz.kernel.security import Envelope


async def list_accounts(tx: WorkspaceTx, actor: Actor) -> list[Account]:
    """Return the workspace's accounts, oldest first."""
    actor.require(Permission.NUMBERS_READ)
    return await store.list_accounts(tx)


async def get_account(tx: WorkspaceTx, actor: Actor, account_id: UUID) -> Account:
    """Return one account.

    Raises:
        AccountNotFound: it does not exist in this workspace.

    """
    actor.require(Permission.NUMBERS_READ)
    account = await store.find_account(tx, account_id)
    if account is None:
        raise AccountNotFound
    return account


async def list_numbers(tx: WorkspaceTx, actor: Actor, *, after: UUID | None = None, limit: int = 50) -> list[Number]:
    """Return up to ``limit`` numbers after an id, oldest first."""
    actor.require(Permission.NUMBERS_READ)
    return await store.list_numbers(tx, after, limit)


async def get_number(tx: WorkspaceTx, actor: Actor, number_id: UUID) -> Number:
    """Return one number.

    Raises:
        NumberNotFound: it does not exist in this workspace.

    """
    actor.require(Permission.NUMBERS_READ)
    return await _number(tx, number_id)


async def find_default_number(tx: WorkspaceTx) -> UUID | None:
    """Return the number that is used when none is named, or None in a workspace without numbers."""
    return await store.find_default_number(tx)


async def add_number(
    tx: WorkspaceTx,
    actor: Actor,
    envelope: Envelope,
    account: NewAccount,
    number: NewNumber,
    *,
    provider: str = DEFAULT_PROVIDER,
    seen: ObservedHealth | None = None,
    checked_at: datetime | None = None,
) -> Number:
    """Connect a number, adding its account or renewing a known one; the first number becomes the default.

    ``seen`` is what the provider said when it was asked, and ``checked_at`` when that was.

    Raises:
        NumberTaken: this or another workspace holds the provider's number; nothing tells which.
        QuotaReached: the plan allows no further number.

    """
    actor.require(Permission.NUMBERS_MANAGE)
    seen = seen or ObservedHealth()
    now = checked_at or await store.transaction_time(tx)
    await require_room(tx, "numbers", await store.count_numbers(tx), 1, now)
    number_id, account_id = new_uuid7(), new_uuid7()
    account_id = await store.upsert_account(
        tx,
        account_id,
        provider=provider,
        provider_account_id=account.provider_account_id,
        name=account.name,
        base_url=account.base_url,
        sealed=seal_credentials(envelope, tx.workspace_id, account.credentials),
        unknown_outcome=account.unknown_outcome,
    )
    kept_id = await store.insert_number(tx, number_id, account_id, number, seen, checked_at)
    if kept_id is None:
        raise NumberTaken
    route = NumberRoute(
        workspace_id=tx.workspace_id,
        number_id=kept_id,
        account_id=account_id,
        provider_account_id=account.provider_account_id,
    )
    # The route's key is unique over the instance, so of two workspaces that race only one passes.
    if not await store.claim_route(tx, provider, number.provider_number_id, route):
        raise NumberTaken
    if number.is_default or await store.find_default_number(tx) is None:
        await store.set_default(tx, kept_id, default=True)
    if seen.messaging_limit is not None:
        await store.set_messaging_limit(tx, account_id, seen.messaging_limit)
    tx.publish(NumberAdded(workspace_id=tx.workspace_id, number_id=kept_id))
    return await _number(tx, kept_id)


async def update_number(tx: WorkspaceTx, actor: Actor, number_id: UUID, changes: NumberChanges) -> Number:
    """Change a number's settings.

    Raises:
        NumberNotFound: it does not exist in this workspace.

    """
    actor.require(Permission.NUMBERS_MANAGE)
    if not await store.update_number(tx, number_id, changes):
        raise NumberNotFound
    if changes.is_default is not None:
        await store.set_default(tx, number_id, default=changes.is_default)
    return await _changed(tx, number_id)


async def update_credentials(
    tx: WorkspaceTx,
    actor: Actor,
    envelope: Envelope,
    account_id: UUID,
    *,
    access_token: str | None = None,
    app_secret: str | None = None,
    verify_token: str | None = None,
) -> None:
    """Replace some of an account's credentials; None keeps one as it is.

    Raises:
        AccountNotFound: the account does not exist in this workspace.
        CredentialsUnreadable: the old ones cannot be opened and not all are given anew.

    """
    actor.require(Permission.NUMBERS_MANAGE)
    account = await store.find_account(tx, account_id)
    if account is None:
        raise AccountNotFound
    if access_token is not None and app_secret is not None and verify_token is not None:
        renewed = Credentials(access_token=access_token, app_secret=app_secret, verify_token=verify_token)
    else:
        old = open_credentials(envelope, tx.workspace_id, account.sealed_credentials)
        renewed = Credentials(
            access_token=old.access_token if access_token is None else access_token,
            app_secret=old.app_secret if app_secret is None else app_secret,
            verify_token=old.verify_token if verify_token is None else verify_token,
        )
    await store.set_credentials(tx, account_id, seal_credentials(envelope, tx.workspace_id, renewed))


async def record_health(
    tx: WorkspaceTx, actor: Actor, number_id: UUID, seen: ObservedHealth, *, checked_at: datetime | None = None
) -> Number:
    """Keep what was learned about a number, from a check (with its instant) or from a webhook (without).

    Raises:
        NumberNotFound: it does not exist in this workspace.

    """
    actor.require(Permission.NUMBERS_MANAGE)
    before = await _number(tx, number_id)
    now = await store.set_health(tx, number_id, seen, checked_at)
    if now is None:
        raise NumberNotFound
    if seen.messaging_limit is not None:
        await store.set_messaging_limit(tx, before.account_id, seen.messaging_limit)
    if now != (before.status.value, before.quality):
        tx.publish(NumberChanged(workspace_id=tx.workspace_id, number_id=number_id, status=now[0], quality=now[1]))
    return await _number(tx, number_id)


async def disconnect_number(tx: WorkspaceTx, actor: Actor, number_id: UUID) -> Number:
    """Stop sending and checking from a number without forgetting it; a successful check connects it again.

    Raises:
        NumberNotFound: it does not exist in this workspace.

    """
    return await record_health(tx, actor, number_id, ObservedHealth(status=NumberStatus.DISCONNECTED))


async def delete_number(tx: WorkspaceTx, actor: Actor, number_id: UUID) -> None:
    """Let go of a number: webhooks for it find no workspace any more, its conversations stay readable.

    Raises:
        NumberNotFound: it does not exist in this workspace.

    """
    actor.require(Permission.NUMBERS_MANAGE)
    number = await _number(tx, number_id)
    await store.delete_number(tx, number_id)
    await store.release_route(tx, number_id)
    successor = await store.find_oldest_number(tx) if number.is_default else None
    if successor is not None:
        await store.set_default(tx, successor, default=True)
    tx.publish(NumberRemoved(workspace_id=tx.workspace_id, number_id=number_id))


async def pause_account(tx: WorkspaceTx, actor: Actor, account_id: UUID, reason: str | None) -> None:
    """Stop every number of an account for a reason people can read; None lets them go on."""
    actor.require(Permission.NUMBERS_MANAGE)
    if await store.set_account_pause(tx, account_id, reason):
        tx.publish(AccountChanged(workspace_id=tx.workspace_id, account_id=account_id, paused_reason=reason))


async def _number(tx: WorkspaceTx, number_id: UUID) -> Number:
    number = await store.find_number(tx, number_id)
    if number is None:
        raise NumberNotFound
    return number


async def _changed(tx: WorkspaceTx, number_id: UUID) -> Number:
    number = await _number(tx, number_id)
    tx.publish(
        NumberChanged(
            workspace_id=tx.workspace_id, number_id=number_id, status=number.status.value, quality=number.quality
        )
    )
    return number
