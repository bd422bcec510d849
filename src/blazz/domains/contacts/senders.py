"""Finds or makes the contacts of people who write to us, many at a time.

A person is known by the business-scoped user id (BSUID) first, then by WhatsApp's id or the number. When one message
carries both and they belong to two contacts, these are one person and get merged.
"""

import re
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from blazz.domains.contacts import store
from blazz.domains.contacts.merging import merge_contacts
from blazz.domains.contacts.search import index_contacts
from blazz.domains.contacts.store import SQL
from blazz.domains.contacts.types import Sender, Touch
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import new_uuid7

_DIGITS = re.compile(r"[1-9][0-9]{5,14}")
_MAX_VALUE = 320
Key = tuple[str, str]
Person = tuple[str, str | None]


class UnknownSenderError(ValueError):
    """The provider told neither an id nor a number."""


def _keys(sender: Sender) -> list[Key]:
    """List the identities of a sender, most telling first; a malformed wa_id is still an id, but no number."""
    keys = [("bsuid", value) for value in (sender.bsuid, sender.parent_bsuid, sender.previous_bsuid) if value]
    if sender.wa_id:
        keys.append(("wa_id", sender.wa_id))
        if _DIGITS.fullmatch(sender.wa_id):
            keys.append(("phone", "+" + sender.wa_id))
    if not keys:
        raise UnknownSenderError
    return [(kind, value[:_MAX_VALUE]) for kind, value in keys]


def _phone(sender: Sender) -> str | None:
    return f"+{sender.wa_id}" if sender.wa_id and _DIGITS.fullmatch(sender.wa_id) else None


def _name(sender: Sender) -> str:
    return " ".join((sender.profile_name or "").replace("\x00", "").split())[:255]


async def identify_senders(tx: WorkspaceTx, senders: Sequence[Sender]) -> list[UUID]:
    """Find or make the contact of every sender; returns their ids in the same order.

    Contacts in the bin come back, because they wrote to us. Profile names and numbers only fill blanks.

    Raises:
        UnknownSenderError: a sender has neither ``wa_id`` nor ``bsuid``.

    """
    if not senders:
        return []
    keys = [_keys(sender) for sender in senders]
    for _ in range(4):
        owners, binned = await _owners(tx, keys)
        before = dict(owners)
        plan, merges = _assign(keys, owners)
        made = [contact_id for contact_id in dict.fromkeys(plan) if contact_id not in before.values()]
        new_keys = sorted((key, contact_id) for key, contact_id in owners.items() if key not in before)
        try:
            await _insert(tx, made, new_keys, _people(plan, senders))
        except asyncpg.UniqueViolationError:
            # Another transaction made one of them first; it has committed, so the next look finds it.
            continue
        for winner, loser in merges:
            await merge_contacts(tx, winner, loser)
        await _enrich(tx, plan, senders, binned)
        return plan
    msg = "identities kept changing under four tries"
    raise asyncpg.SerializationError(msg)


async def identify_sender(tx: WorkspaceTx, sender: Sender) -> UUID:
    """Find or make the contact of one sender."""
    return (await identify_senders(tx, [sender]))[0]


async def _owners(tx: WorkspaceTx, keys: Sequence[Sequence[Key]]) -> tuple[dict[Key, UUID], set[UUID]]:
    wanted = sorted({key for group in keys for key in group})
    rows = await tx.fetch(
        SQL["find_identities"], tx.workspace_id, [kind for kind, _ in wanted], [value for _, value in wanted]
    )
    owners = {(row["kind"], row["value"]): row["contact_id"] for row in rows}
    return owners, {row["contact_id"] for row in rows if row["is_deleted"]}


def _assign(keys: Sequence[Sequence[Key]], owners: dict[Key, UUID]) -> tuple[list[UUID], list[tuple[UUID, UUID]]]:
    """Choose a contact for every sender, adding to ``owners`` what is learnt; returns the choice and the merges."""
    merges: list[tuple[UUID, UUID]] = []
    joined: dict[UUID, UUID] = {}

    def root(contact_id: UUID) -> UUID:
        while contact_id in joined:
            contact_id = joined[contact_id]
        return contact_id

    chosen: list[UUID] = []
    for group in keys:
        known = list(dict.fromkeys(root(owners[key]) for key in group if key in owners))
        if len(known) > 1:
            # The contact with the number wins: it is the one people imported and named.
            by_number = next(
                (root(owners[key]) for key in group if key in owners and key[0] in {"wa_id", "phone"}), known[0]
            )
            for other in known:
                if other != by_number:
                    joined[other] = by_number
                    merges.append((by_number, other))
            known = [by_number]
        contact_id = known[0] if known else new_uuid7()
        for key in group:
            owners.setdefault(key, contact_id)
        chosen.append(contact_id)
    return [root(contact_id) for contact_id in chosen], merges


def _people(plan: Sequence[UUID], senders: Sequence[Sender]) -> dict[UUID, Person]:
    """Gather name and number of each contact from all its messages of the batch; the latest that tells one counts."""
    people: dict[UUID, Person] = {}
    for contact_id, sender in zip(plan, senders, strict=True):
        name, phone = people.get(contact_id, ("", None))
        people[contact_id] = (_name(sender) or name, _phone(sender) or phone)
    return people


async def _insert(
    tx: WorkspaceTx, made: Sequence[UUID], keys: Sequence[tuple[Key, UUID]], people: dict[UUID, Person]
) -> None:
    if not keys:
        return
    await tx.savepoint(
        SQL["insert_people"],
        tx.workspace_id,
        made,
        [people[contact_id][0] for contact_id in made],
        [people[contact_id][1] for contact_id in made],
        [key[0] for key, _ in keys],
        [key[1] for key, _ in keys],
        [contact_id for _, contact_id in keys],
    )
    await index_contacts(tx, [(contact_id, people[contact_id][0], None, people[contact_id][1]) for contact_id in made])


async def _enrich(tx: WorkspaceTx, plan: Sequence[UUID], senders: Sequence[Sender], binned: set[UUID]) -> None:
    back = [contact_id for contact_id in dict.fromkeys(plan) if contact_id in binned]
    if back:
        await store.set_deleted(tx, back, deleted=False)
    people = _people(plan, senders)
    ids = sorted(people)
    changed = await tx.fetch(
        SQL["fill_person"],
        tx.workspace_id,
        ids,
        [people[contact_id][0] for contact_id in ids],
        [people[contact_id][1] for contact_id in ids],
    )
    renewed = [row["id"] for row in changed] + back
    if renewed:
        found = await store.by_ids(tx, renewed)
        await index_contacts(tx, [(person.id, person.name, person.email, person.phone) for person in found])
    names = {
        (sender.username or "").lstrip("@").lower()[:_MAX_VALUE]: contact_id
        for contact_id, sender in zip(plan, senders, strict=True)
    }
    names.pop("", None)
    if names:
        await tx.execute(SQL["claim_usernames"], tx.workspace_id, list(names), list(names.values()))


async def touch_contacts(tx: WorkspaceTx, touches: Sequence[Touch]) -> None:
    """Record the latest message of many contacts; the latest of several touches of one contact counts."""
    latest: dict[UUID, Touch] = {}
    inbound: dict[UUID, Touch] = {}
    for touch in sorted(touches, key=lambda item: item.last_message_at):
        latest[touch.contact_id] = touch
        if touch.inbound:
            inbound[touch.contact_id] = touch
    if not latest:
        return
    ids = sorted(latest)
    await tx.execute(
        SQL["touch_contacts"],
        tx.workspace_id,
        ids,
        [latest[contact_id].last_message_at for contact_id in ids],
        [inbound[contact_id].last_message_at if contact_id in inbound else None for contact_id in ids],
        [latest[contact_id].preview[:200] for contact_id in ids],
    )
