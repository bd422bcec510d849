"""Joins two contacts that turned out to be one person, and logs how they were before."""

from uuid import UUID

from blazz.domains.contacts import store
from blazz.domains.contacts.events import ContactsMerged
from blazz.domains.contacts.search import index_contact, unindex_contacts
from blazz.domains.contacts.store import SQL
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import new_uuid7


async def merge_contacts(tx: WorkspaceTx, winner_id: UUID, loser_id: UUID, *, by: UUID | None = None) -> None:
    """Give everything of the loser to the winner; blanks are filled, an opt-out of either stays, counts follow.

    The loser stays in the bin without number and identities, and ``contact.merged`` tells other domains to follow.
    """
    # Locked in id order, so that two merges of the same pair never deadlock.
    for contact_id in sorted((winner_id, loser_id)):
        await store.get(tx, contact_id, lock=True)
    loser = await store.get(tx, loser_id)
    winner = await store.get(tx, winner_id)
    if loser is None or winner is None or winner_id == loser_id:
        return
    if winner.deleted_at is not None:
        await store.set_deleted(tx, [winner_id], deleted=False)
    await tx.execute(SQL["insert_merge"], tx.workspace_id, new_uuid7(), winner_id, loser_id, by)
    await tx.execute(SQL["absorb_contact"], tx.workspace_id, loser_id, winner_id)
    await tx.execute(SQL["move_identities"], tx.workspace_id, loser_id, winner_id)
    await tx.execute(SQL["move_consents"], tx.workspace_id, loser_id, winner_id)
    deltas: dict[UUID, int] = {}
    for row in await tx.fetch(SQL["move_memberships"], tx.workspace_id, loser_id, winner_id):
        # The bin does not count, so a membership that moved out of it is new, and a double one is gone.
        deltas[row["group_id"]] = int(row["moved"]) - int(loser.deleted_at is None)
    await store.count_groups(tx, deltas)
    if loser.deleted_at is None:
        await store.count_categories(tx, {loser.category_id: -1})
    await tx.execute(SQL["empty_loser"], tx.workspace_id, loser_id)
    await unindex_contacts(tx, [loser_id])
    merged = await store.get(tx, winner_id)
    assert merged is not None
    await index_contact(tx, merged)
    tx.publish(ContactsMerged(workspace_id=tx.workspace_id, winner_id=winner_id, loser_id=loser_id))
