"""What contacts agreed to, and the mark that keeps marketing messages from those who said stop."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from blazz.domains.contacts import store
from blazz.domains.contacts.errors import ContactNotFound
from blazz.domains.contacts.events import ContactOptedIn, ContactOptedOut
from blazz.domains.contacts.store import SQL
from blazz.domains.contacts.types import Consent
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import new_uuid7


async def opt_out(
    tx: WorkspaceTx,
    actor: Actor,
    contact_id: UUID,
    *,
    source: str,
    detail: str | None = None,
    at: datetime | None = None,
) -> bool:
    """Record that a contact wants no marketing; returns False when that was known already (still recorded).

    ``at`` is when the person said so, by the provider's clock: told twice it counts once, and told late it does not undo
    what the person said to the provider since.

    Raises:
        ContactNotFound: there is no such contact.

    """
    actor.require(Permission.CONTACTS_WRITE)
    if await store.get(tx, contact_id) is None:
        raise ContactNotFound
    if at is not None and await _is_known(tx, contact_id, "withdrawn", source, at):
        return False
    is_late = at is not None and await tx.fetchval(SQL["granted_since"], tx.workspace_id, contact_id, at)
    changed = not is_late and await tx.fetchval(SQL["set_opted_out"], tx.workspace_id, contact_id) is not None
    await record_consents(tx, [contact_id], "withdrawn", source, detail, actor.user_id, at)
    if changed:
        tx.publish(ContactOptedOut(workspace_id=tx.workspace_id, contact_id=contact_id, source=source))
    return changed


async def opt_in(
    tx: WorkspaceTx,
    actor: Actor,
    contact_id: UUID,
    *,
    source: str,
    detail: str | None = None,
    at: datetime | None = None,
) -> bool:
    """Record that a contact agreed to marketing; returns False when nothing stood against it (still recorded).

    ``at`` is as for ``opt_out``; told late, it never undoes an opt-out of any kind that came since.

    Raises:
        ContactNotFound: there is no such contact.

    """
    actor.require(Permission.CONTACTS_WRITE)
    if await store.get(tx, contact_id) is None:
        raise ContactNotFound
    if at is not None and await _is_known(tx, contact_id, "granted", source, at):
        return False
    is_late = at is not None and await tx.fetchval(SQL["withdrawn_since"], tx.workspace_id, contact_id, at)
    changed = not is_late and await tx.fetchval(SQL["clear_opted_out"], tx.workspace_id, contact_id) is not None
    await record_consents(tx, [contact_id], "granted", source, detail, actor.user_id, at)
    if changed:
        tx.publish(ContactOptedIn(workspace_id=tx.workspace_id, contact_id=contact_id, source=source))
    return changed


async def _is_known(tx: WorkspaceTx, contact_id: UUID, state: str, source: str, at: datetime) -> bool:
    return bool(await tx.fetchval(SQL["consent_exists"], tx.workspace_id, contact_id, state, source, at))


async def record_consents(
    tx: WorkspaceTx,
    contact_ids: Sequence[UUID],
    state: str,
    source: str,
    detail: str | None,
    by: UUID | None,
    at: datetime | None = None,
) -> None:
    """Write one statement for many contacts; it does not touch the opt-out mark."""
    ids = [new_uuid7() for _ in contact_ids]
    await tx.execute(
        SQL["insert_consents"], tx.workspace_id, ids, contact_ids, "marketing", state, source, detail, by, at
    )


async def list_consents(tx: WorkspaceTx, actor: Actor, contact_id: UUID) -> list[Consent]:
    """List what a contact agreed to, newest first, at most 200."""
    actor.require(Permission.CONTACTS_READ)
    return await store.consents(tx, contact_id)
