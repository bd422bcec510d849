"""Commands and questions about single contacts."""

from dataclasses import replace
from uuid import UUID

import asyncpg

from blazz.domains.contacts import store, taxonomy
from blazz.domains.contacts.bin import is_purged
from blazz.domains.contacts.capacity import require_room_for_one
from blazz.domains.contacts.errors import ContactNotFound, DuplicateContact, InvalidPhone
from blazz.domains.contacts.events import ContactCreated, ContactDeleted, ContactRestored, ContactUpdated
from blazz.domains.contacts.search import find_ids, index_contact, unindex_contacts
from blazz.domains.contacts.store import SQL
from blazz.domains.contacts.types import Contact, ContactField, ContactFields, ContactFilter, Identity
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import encode_id, new_uuid7
from blazz.kernel.phone import Phone, PhoneRefusal, normalise_phone

_SEARCH_STEP = 200
_FIXED_FIELDS = (
    ("name", "Full name", "Nama lengkap"),
    ("first_name", "First name", "Nama depan"),
    ("phone", "Phone number", "Nomor telepon"),
    ("email", "E-mail", "Email"),
    ("city", "City", "Kota"),
    ("company", "Company", "Perusahaan"),
    ("category", "Category", "Kategori"),
)


def read_phone(raw: str, region: str) -> Phone:
    """Clean a number, or refuse it.

    Raises:
        InvalidPhone: says why in both languages, with what may have been meant.

    """
    read = normalise_phone(raw, region)
    if isinstance(read, PhoneRefusal):
        raise InvalidPhone(
            refusal=read.code.value,
            reason_en=read.message("en"),
            reason_id=read.message("id"),
            candidates=list(read.candidates),
        )
    return read


async def region_of(tx: WorkspaceTx) -> str:
    """Read the country whose numbers people of this workspace write without a country code."""
    region: str | None = await tx.fetchval("SELECT country FROM workspaces WHERE id = $1", tx.workspace_id)
    return region or "ID"


async def create_contact(tx: WorkspaceTx, actor: Actor, wanted: ContactFields) -> Contact:
    """Make a contact; one in the bin with the same number comes back with the new fields.

    Raises:
        InvalidPhone: the number cannot be messaged.
        DuplicateContact: a contact has this number.
        CategoryNotFound: there is no such category.
        QuotaReached: the plan allows no more contacts.

    """
    actor.require(Permission.CONTACTS_WRITE)
    phone = read_phone(wanted.phone, await region_of(tx)) if wanted.phone else None
    if wanted.category_id is not None:
        await taxonomy.require_category(tx, wanted.category_id)
    e164, original = (phone.e164, phone.original) if phone else (None, None)
    held = await store.find_by_phone(tx, e164) if e164 else None
    if held is not None:
        if held.deleted_at is None or e164 is None:
            raise _duplicate(held)
        await require_room_for_one(tx)
        await _bring_back(tx, held.id)
        return await _write(tx, replace(held, deleted_at=None), wanted, e164, original)
    await require_room_for_one(tx)
    contact_id = new_uuid7()
    contact = await store.insert(tx, contact_id, wanted, phone=e164, original=original, by=actor.user_id)
    await _set_phone(tx, contact_id, e164)
    await store.count_categories(tx, {wanted.category_id: 1})
    await index_contact(tx, contact)
    tx.publish(ContactCreated(workspace_id=tx.workspace_id, contact_id=contact_id))
    return contact


async def update_contact(tx: WorkspaceTx, actor: Actor, contact_id: UUID, wanted: ContactFields) -> Contact:
    """Write all fields of a contact; the number may be typed in any form.

    Raises:
        ContactNotFound: absent or in the bin.
        InvalidPhone, DuplicateContact, CategoryNotFound: as for ``create_contact``.

    """
    actor.require(Permission.CONTACTS_WRITE)
    before = await _live(tx, contact_id, lock=True)
    if wanted.category_id is not None and wanted.category_id != before.category_id:
        await taxonomy.require_category(tx, wanted.category_id)
    e164, original = before.phone, before.original_number
    if wanted.phone != before.phone:
        phone = read_phone(wanted.phone, await region_of(tx)) if wanted.phone else None
        e164, original = (phone.e164, phone.original) if phone else (None, None)
        held = await store.find_by_phone(tx, e164) if e164 else None
        if held is not None and held.id != contact_id:
            raise _duplicate(held)
    return await _write(tx, before, wanted, e164, original)


async def _write(
    tx: WorkspaceTx, before: Contact, wanted: ContactFields, e164: str | None, original: str | None
) -> Contact:
    after = await store.update(tx, before.id, wanted, phone=e164, original=original)
    if e164 != before.phone:
        await _set_phone(tx, before.id, e164)
    if before.category_id != after.category_id:
        await store.count_categories(tx, {before.category_id: -1, after.category_id: 1})
    await index_contact(tx, after)
    tx.publish(ContactUpdated(workspace_id=tx.workspace_id, contact_id=before.id))
    return after


async def _set_phone(tx: WorkspaceTx, contact_id: UUID, e164: str | None) -> None:
    try:
        await store.set_phone_identities(tx, contact_id, e164)
    except asyncpg.UniqueViolationError:
        # Somebody else took the number after we looked; their contact is not visible to this transaction any more.
        raise DuplicateContact(phone=e164) from None


def _duplicate(held: Contact) -> DuplicateContact:
    return DuplicateContact(phone=held.phone, contact_id=encode_id("con", held.id))


async def _live(tx: WorkspaceTx, contact_id: UUID, *, lock: bool = False) -> Contact:
    contact = await store.get(tx, contact_id, lock=lock)
    if contact is None or contact.deleted_at is not None:
        raise ContactNotFound
    return contact


async def get_contact(tx: WorkspaceTx, actor: Actor, contact_id: UUID) -> Contact:
    """Read a contact.

    Raises:
        ContactNotFound: absent or in the bin.

    """
    actor.require(Permission.CONTACTS_READ)
    return await _live(tx, contact_id)


async def get_identities(tx: WorkspaceTx, actor: Actor, contact_id: UUID) -> list[Identity]:
    """List the ways to recognise a contact."""
    actor.require(Permission.CONTACTS_READ)
    return await store.identities(tx, contact_id)


async def find_contact(tx: WorkspaceTx, actor: Actor, raw_phone: str) -> Contact:
    """Find a contact by a number in any form: the duplicate check.

    Raises:
        InvalidPhone: the text is no number.
        ContactNotFound: nobody has it.

    """
    actor.require(Permission.CONTACTS_READ)
    phone = read_phone(raw_phone, await region_of(tx))
    contact = await store.find_by_phone(tx, phone.e164)
    if contact is None or contact.deleted_at is not None:
        raise ContactNotFound
    return contact


async def delete_contact(tx: WorkspaceTx, actor: Actor, contact_id: UUID) -> None:
    """Move a contact to the bin; it can come back.

    Raises:
        ContactNotFound: absent or in the bin.

    """
    actor.require(Permission.CONTACTS_DELETE)
    if not await store.set_deleted(tx, [contact_id], deleted=True, by=actor.user_id):
        raise ContactNotFound
    await unindex_contacts(tx, [contact_id])
    tx.publish(ContactDeleted(workspace_id=tx.workspace_id, contact_id=contact_id))


async def restore_contact(tx: WorkspaceTx, actor: Actor, contact_id: UUID) -> Contact:
    """Bring a contact back from the bin.

    Raises:
        ContactNotFound: absent, not in the bin, purged, or merged into another.
        QuotaReached: the plan allows no more contacts.

    """
    actor.require(Permission.CONTACTS_WRITE)
    if await is_purged(tx, contact_id):
        raise ContactNotFound
    if not await store.identities(tx, contact_id) and await tx.fetchval(SQL["was_merged"], tx.workspace_id, contact_id):
        raise ContactNotFound
    await require_room_for_one(tx)
    return await _bring_back(tx, contact_id)


async def _bring_back(tx: WorkspaceTx, contact_id: UUID) -> Contact:
    if not await store.set_deleted(tx, [contact_id], deleted=False):
        raise ContactNotFound
    contact = await _live(tx, contact_id)
    await index_contact(tx, contact)
    tx.publish(ContactRestored(workspace_id=tx.workspace_id, contact_id=contact_id))
    return contact


async def list_contacts(
    tx: WorkspaceTx, actor: Actor, which: ContactFilter, *, search: str | None, before: UUID, limit: int
) -> list[Contact]:
    """List up to ``limit`` contacts older than ``before``, newest first, that pass the filter and hold the fragment.

    Raises:
        FragmentTooShort: the search has fewer than two characters.

    """
    actor.require(Permission.CONTACTS_READ)
    if search is None:
        return await store.page(tx, which, before=before, limit=limit)
    found: list[Contact] = []
    while len(found) < limit:
        step = max(limit, _SEARCH_STEP)
        ids = await find_ids(tx, search, before=before, most=step)
        found += await store.matching(tx, ids, which) if ids else []
        if len(ids) < step:
            break
        before = ids[-1]
    return found[:limit]


async def list_contact_fields(tx: WorkspaceTx, actor: Actor) -> list[ContactField]:
    """List the fields that templates may use: the fixed ones, then the attributes recent contacts have."""
    actor.require(Permission.CONTACTS_READ)
    fixed = [ContactField(path=path, label_en=en, label_id=local) for path, en, local in _FIXED_FIELDS]
    names = [row["key"] for row in await tx.fetch(SQL["attribute_names"], tx.workspace_id)]
    return fixed + [ContactField(path=f"attributes.{name}", label_en=name, label_id=name) for name in names]
