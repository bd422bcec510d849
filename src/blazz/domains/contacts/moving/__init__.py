"""People who change their number or their user id stay the same contact."""

from uuid import UUID

from blazz.domains.contacts import store
from blazz.domains.contacts.events import ContactUpdated
from blazz.domains.contacts.merging import merge_contacts
from blazz.domains.contacts.search import index_contact
from blazz.domains.contacts.senders import identify_sender
from blazz.domains.contacts.store import SQL
from blazz.domains.contacts.types import Sender
from blazz.kernel.db import WorkspaceTx

__all__ = ["move_number", "move_user_id"]


async def move_number(tx: WorkspaceTx, old_wa_id: str, new_wa_id: str) -> UUID | None:
    """Give the contact of an old number the new one; returns it, or None when nobody here has the old number.

    Whoever the new number already stood for is the same person. The old number is let go: somebody else may get it.
    """
    contact_id = await _owner(tx, old_wa_id)
    if contact_id is None or old_wa_id == new_wa_id:
        return None
    other = await _owner(tx, new_wa_id)
    if other is not None and other != contact_id:
        await merge_contacts(tx, contact_id, other)
    phone = "+" + new_wa_id
    await store.set_phone_identities(tx, contact_id, phone)
    await tx.execute(SQL["set_phone"], tx.workspace_id, contact_id, phone)
    contact = await store.get(tx, contact_id)
    assert contact is not None
    await index_contact(tx, contact)
    tx.publish(ContactUpdated(workspace_id=tx.workspace_id, contact_id=contact_id))
    return contact_id


async def move_user_id(tx: WorkspaceTx, previous: str | None, current: str, wa_id: str | None = None) -> UUID | None:
    """Make one contact of everything known under an old user id, a new one and a number; None for a stranger."""
    ids = [value for value in (previous, current) if value]
    known = await tx.fetchval(SQL["owner_of"], tx.workspace_id, ["bsuid"], ids)
    if known is None and (wa_id is None or await _owner(tx, wa_id) is None):
        return None
    return await identify_sender(tx, Sender(bsuid=current, previous_bsuid=previous, wa_id=wa_id))


async def _owner(tx: WorkspaceTx, wa_id: str) -> UUID | None:
    found: UUID | None = await tx.fetchval(SQL["owner_of"], tx.workspace_id, ["wa_id", "phone"], [wa_id, "+" + wa_id])
    return found
