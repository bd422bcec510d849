"""Takes a merge apart again, from the record of how both contacts were before it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from blazz.domains.audit import record
from blazz.domains.contacts import store
from blazz.domains.contacts.bin import SQL
from blazz.domains.contacts.errors import ContactNotFound, MergeNotFound, MergeNotUndoable
from blazz.domains.contacts.events import ContactsUnmerged
from blazz.domains.contacts.search import index_contact
from blazz.domains.contacts.types import Contact, Merge
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import encode_id

_FILLED: Final = ("name", "phone", "original_number", "email", "city", "company", "external_id", "notes")


class _Person(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as the merge record keeps it."""

    name: str = ""
    phone: str | None = None
    original_number: str | None = None
    email: str | None = None
    city: str | None = None
    company: str | None = None
    external_id: str | None = None
    notes: str | None = None
    attributes: dict[str, str] = {}
    category_id: UUID | None = None
    opted_out_at: datetime | None = None
    deleted_at: datetime | None = None


class _Key(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    value: str
    scope: str = ""


class _Before(msgspec.Struct, frozen=True, kw_only=True):
    winner: _Person
    loser: _Person
    identities: list[_Key] = []
    groups: list[UUID] = []
    consents: list[UUID] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A merge to take apart; ``at`` is its instant."""

    id: UUID
    at: datetime
    before: _Before
    winner: Contact
    loser: Contact


async def list_merges(tx: WorkspaceTx, actor: Actor, winner_id: UUID) -> list[Merge]:
    """List what was merged into a contact, newest first, at most 200.

    Raises:
        ContactNotFound: there is no such contact.

    """
    actor.require(Permission.CONTACTS_READ)
    if await store.get(tx, winner_id) is None:
        raise ContactNotFound
    return [Merge(**dict(row)) for row in await tx.fetch(SQL["list_merges"], tx.workspace_id, winner_id)]


async def unmerge_contacts(tx: WorkspaceTx, actor: Actor, winner_id: UUID, merge_id: UUID) -> Contact:
    """Make two contacts of one again; returns the one that had been absorbed.

    Identities, groups, category and consents of the absorbed contact go back to it. Fields that the merge filled on the
    other are emptied where they still hold what the merge wrote. Messages stay where they are. Whoever said stop since the
    merge may have been either person, so both keep that.

    Raises:
        MergeNotFound: no such merge into this contact, or one of the two was purged since.
        MergeNotUndoable: ``reason`` is undone, winner_deleted or identity_taken.

    """
    actor.require(Permission.CONTACTS_WRITE)
    case = await _open(tx, winner_id, merge_id)
    await _give_identities(tx, case)
    stopped = await tx.fetchval(SQL["withdrawn_since"], tx.workspace_id, winner_id, case.before.consents, case.at)
    await tx.execute(SQL["give_consents"], tx.workspace_id, case.before.consents, case.loser.id)
    await _write_winner(tx, case, stopped=stopped)
    await _write_loser(tx, case, stopped=stopped)
    await tx.execute(SQL["mark_merge_undone"], tx.workspace_id, merge_id)
    winner, loser = await store.get(tx, winner_id), await store.get(tx, case.loser.id)
    assert winner is not None
    assert loser is not None
    await index_contact(tx, winner)
    if loser.deleted_at is None:
        await index_contact(tx, loser)
    await record(tx, actor, "contact.unmerged", encode_id("con", winner_id), after={"contact_id": str(loser.id)})
    tx.publish(ContactsUnmerged(workspace_id=tx.workspace_id, winner_id=winner_id, loser_id=loser.id))
    return loser


async def _open(tx: WorkspaceTx, winner_id: UUID, merge_id: UUID) -> _Case:
    row = await tx.fetchrow(SQL["lock_merge"], tx.workspace_id, merge_id)
    if row is None or row["winner_id"] != winner_id:
        raise MergeNotFound
    if row["undone_at"] is not None:
        raise MergeNotUndoable(reason="undone")
    for contact_id in sorted((winner_id, row["loser_id"])):
        await store.get(tx, contact_id, lock=True)
    winner, loser = await store.get(tx, winner_id), await store.get(tx, row["loser_id"])
    if winner is None or loser is None:
        raise MergeNotFound
    if winner.deleted_at is not None:
        raise MergeNotUndoable(reason="winner_deleted")
    before = msgspec.json.decode(row["before"], type=_Before)
    return _Case(id=merge_id, at=row["created_at"], before=before, winner=winner, loser=loser)


async def _give_identities(tx: WorkspaceTx, case: _Case) -> None:
    """Give the absorbed contact back what it was recognised by; a username that moved on stays where it is."""
    keys = case.before.identities
    columns = ([key.kind for key in keys], [key.scope for key in keys], [key.value for key in keys])
    own = {case.winner.id, case.loser.id}
    taken = {
        (row["kind"], row["scope"], row["value"])
        for row in await tx.fetch(SQL["owners_of"], tx.workspace_id, *columns)
        if row["contact_id"] not in own
    }
    if any(kind != "username" for kind, _, _ in taken):
        raise MergeNotUndoable(reason="identity_taken")
    free = [key for key in keys if (key.kind, key.scope, key.value) not in taken]
    await tx.execute(
        SQL["give_identities"],
        tx.workspace_id,
        [key.kind for key in free],
        [key.scope for key in free],
        [key.value for key in free],
        case.loser.id,
    )


async def _write_winner(tx: WorkspaceTx, case: _Case, *, stopped: bool) -> None:
    before, loser, winner = case.before.winner, case.before.loser, case.winner
    fields = {
        name: getattr(before, name)
        # Only what the merge filled and nobody changed since.
        if not getattr(before, name) and getattr(winner, name) == getattr(loser, name)
        else getattr(winner, name)
        for name in _FILLED
    }
    attributes = {
        key: value
        for key, value in winner.attributes.items()
        if key in before.attributes or loser.attributes.get(key) != value
    }
    opted_out_at = winner.opted_out_at
    if opted_out_at is not None and not stopped and opted_out_at != before.opted_out_at:
        opted_out_at = before.opted_out_at
    await tx.execute(
        SQL["write_winner"],
        tx.workspace_id,
        winner.id,
        *(fields[name] for name in _FILLED),
        msgspec.json.encode(attributes).decode(),
        opted_out_at,
    )
    left = await tx.fetch(SQL["leave_merged_groups"], tx.workspace_id, winner.id, case.before.groups, case.at)
    await store.count_groups(tx, {row["group_id"]: -1 for row in left})


async def _write_loser(tx: WorkspaceTx, case: _Case, *, stopped: bool) -> None:
    before = case.before.loser
    back_in_bin = before.deleted_at is not None
    opted_out_at = before.opted_out_at or (case.winner.opted_out_at if stopped else None)
    category_id = await tx.fetchval(
        SQL["write_loser"],
        tx.workspace_id,
        case.loser.id,
        before.phone,
        opted_out_at,
        before.category_id,
        back_in_bin,
    )
    joined = await tx.fetch(SQL["join_groups_again"], tx.workspace_id, case.loser.id, case.before.groups)
    if not back_in_bin:
        await store.count_categories(tx, {category_id: 1})
        await store.count_groups(tx, {row["group_id"]: 1 for row in joined})
