"""Reads and writes contacts, their identities and the counts that follow them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from uuid import UUID

import asyncpg
import msgspec

from blazz.domains.contacts.types import Consent, Contact, ContactFields, ContactFilter, Identity
from blazz.kernel.db import WorkspaceTx, load_queries

SQL = load_queries(__package__)
_COLUMNS = tuple(field.name for field in fields(Contact) if field.name != "attributes")


def contact_of(row: asyncpg.Record) -> Contact:
    """Build a contact from a row of its table."""
    values = {name: row[name] for name in _COLUMNS}
    return Contact(attributes=msgspec.json.decode(row["attributes"], type=dict[str, str]), **values)


async def get(tx: WorkspaceTx, contact_id: UUID, *, lock: bool = False) -> Contact | None:
    """Read one contact, also one in the bin; ``lock`` keeps it from changing until the transaction ends."""
    row = await tx.fetchrow(SQL["lock_contact" if lock else "get_contact"], tx.workspace_id, contact_id)
    return contact_of(row) if row else None


async def find_by_phone(tx: WorkspaceTx, phone: str) -> Contact | None:
    """Find the contact that has a number as an identity, also one in the bin."""
    row = await tx.fetchrow(SQL["find_by_phone"], tx.workspace_id, phone)
    return contact_of(row) if row else None


async def identities(tx: WorkspaceTx, contact_id: UUID) -> list[Identity]:
    """List the ways to recognise a contact."""
    rows = await tx.fetch(SQL["contact_identities"], tx.workspace_id, contact_id)
    return [Identity(kind=row["kind"], scope=row["scope"], value=row["value"]) for row in rows]


def _values(wanted: ContactFields, phone: str | None, original: str | None) -> tuple[object, ...]:
    return (
        wanted.name,
        phone,
        original,
        wanted.email,
        wanted.city,
        wanted.company,
        wanted.external_id,
        wanted.notes,
        msgspec.json.encode(wanted.attributes or {}).decode(),
        wanted.category_id,
    )


async def insert(
    tx: WorkspaceTx,
    contact_id: UUID,
    wanted: ContactFields,
    *,
    phone: str | None,
    original: str | None,
    by: UUID | None,
) -> Contact:
    """Insert a contact."""
    row = await tx.fetchrow(SQL["insert_contact"], tx.workspace_id, contact_id, *_values(wanted, phone, original), by)
    assert row is not None
    return contact_of(row)


async def update(
    tx: WorkspaceTx, contact_id: UUID, wanted: ContactFields, *, phone: str | None, original: str | None
) -> Contact:
    """Write all fields of a contact and take it out of the bin."""
    row = await tx.fetchrow(SQL["update_contact"], tx.workspace_id, contact_id, *_values(wanted, phone, original))
    assert row is not None
    return contact_of(row)


async def set_phone_identities(tx: WorkspaceTx, contact_id: UUID, phone: str | None) -> None:
    """Replace the number a contact is recognised by; WhatsApp's id of a number is its digits."""
    await tx.execute(SQL["delete_phone_identities"], tx.workspace_id, contact_id)
    if phone is not None:
        await tx.execute(
            SQL["insert_identities"],
            tx.workspace_id,
            ["phone", "wa_id"],
            [phone, phone.lstrip("+")],
            [contact_id, contact_id],
        )


async def count_categories(tx: WorkspaceTx, deltas: Mapping[UUID | None, int]) -> None:
    """Add to the counts of categories; None, which stands for no category, is passed over."""
    wanted = {key: amount for key, amount in deltas.items() if key is not None and amount}
    if wanted:
        await tx.execute(SQL["count_categories"], tx.workspace_id, list(wanted), list(wanted.values()))


async def count_groups(tx: WorkspaceTx, deltas: Mapping[UUID, int]) -> None:
    """Add to the counts of groups."""
    wanted = {key: amount for key, amount in deltas.items() if amount}
    if wanted:
        await tx.execute(SQL["count_groups"], tx.workspace_id, list(wanted), list(wanted.values()))


async def set_deleted(
    tx: WorkspaceTx, contact_ids: Sequence[UUID], *, deleted: bool, by: UUID | None = None
) -> list[UUID]:
    """Move contacts to the bin or back, with every count; returns those that really moved."""
    if deleted:
        rows = await tx.fetch(SQL["mark_deleted"], tx.workspace_id, contact_ids, by)
    else:
        rows = await tx.fetch(SQL["mark_restored"], tx.workspace_id, contact_ids)
    moved = [row["id"] for row in rows]
    await _count_all(tx, moved, (row["category_id"] for row in rows), -1 if deleted else 1)
    return moved


async def _count_all(tx: WorkspaceTx, ids: Sequence[UUID], categories: Iterable[UUID | None], sign: int) -> None:
    if not ids:
        return
    counted = Counter(categories)
    await count_categories(tx, {key: sign * amount for key, amount in counted.items()})
    members = await tx.fetch(SQL["memberships_of"], tx.workspace_id, ids)
    await count_groups(tx, {row["group_id"]: sign * row["amount"] for row in members})


async def page(tx: WorkspaceTx, which: ContactFilter, *, before: UUID, limit: int) -> list[Contact]:
    """List up to ``limit`` contacts older than ``before``, newest first."""
    args: tuple[object, ...] = (before, limit, which.category_id, which.uncategorised, which.opted_out)
    if which.group_id is None:
        rows = await tx.fetch(SQL["list_contacts"], tx.workspace_id, *args)
    else:
        rows = await tx.fetch(SQL["list_group_contacts"], tx.workspace_id, *args, which.group_id)
    return [contact_of(row) for row in rows]


async def matching(tx: WorkspaceTx, contact_ids: Sequence[UUID], which: ContactFilter) -> list[Contact]:
    """Read those of the given contacts that pass a filter, newest first."""
    rows = await tx.fetch(
        SQL["contacts_matching"],
        tx.workspace_id,
        contact_ids,
        which.category_id,
        which.uncategorised,
        which.opted_out,
        which.group_id,
    )
    return [contact_of(row) for row in rows]


async def by_ids(tx: WorkspaceTx, contact_ids: Sequence[UUID]) -> list[Contact]:
    """Read contacts, also those in the bin, newest first."""
    return [contact_of(row) for row in await tx.fetch(SQL["contacts_by_ids"], tx.workspace_id, contact_ids)]


async def consents(tx: WorkspaceTx, contact_id: UUID) -> list[Consent]:
    """List what a contact agreed to, newest first."""
    rows = await tx.fetch(SQL["list_consents"], tx.workspace_id, contact_id)
    return [Consent(**dict(row)) for row in rows]
