"""Undoing a merge: both contacts as they were, nothing that happened since lost, and a reason where it is not possible."""

from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from blazz.domains.contacts import (
    ContactFields,
    ContactNotFound,
    Sender,
    add_to_group,
    create_category,
    create_contact,
    create_group,
    delete_contact,
    get_contact,
    get_identities,
    opt_out,
    restore_contact,
    update_contact,
)
from blazz.domains.contacts.errors import MergeNotFound, MergeNotUndoable
from blazz.domains.contacts.senders import identify_sender
from blazz.domains.contacts.unmerging import list_merges, unmerge_contacts
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import Database, WorkspaceTx
from blazz.kernel.errors import PermissionDenied
from blazz.kernel.ids import encode_id, new_uuid7
from tests.conftest import WorkspaceFixture
from tests.domains.contacts.test_contacts import assert_counts_exact, found

PHONE, DIGITS = "081234567890", "6281234567890"


async def make_pair(tx: WorkspaceTx, owner: Actor) -> tuple[UUID, UUID]:
    """A contact with a number and one known by a BSUID only; they are one person, as a message will tell."""
    known = await create_contact(tx, owner, ContactFields(name="Budi", phone=PHONE, attributes={"ukuran": "XL"}))
    unknown = await identify_sender(tx, Sender(bsuid="ID.1", profile_name="budi s", username="budi"))
    return known.id, unknown


async def merge(tx: WorkspaceTx) -> None:
    """A message that carries both ids joins the two."""
    await identify_sender(tx, Sender(wa_id=DIGITS, bsuid="ID.1"))


async def test_undoing_gives_back_identities_groups_category_consents_and_fields(
    database: Database, workspace: WorkspaceFixture
) -> None:
    owner = workspace.owner
    async with database.workspace(workspace.id) as tx:
        both, only = await create_group(tx, owner, "Both", None), await create_group(tx, owner, "Only", None)
        category = await create_category(tx, owner, "K", None)
        winner, loser = await make_pair(tx, owner)
        await add_to_group(tx, owner, both.id, [winner, loser])
        await add_to_group(tx, owner, only.id, [loser])
        fields = ContactFields(name="budi s", city="Depok", attributes={"warna": "biru"}, category_id=category.id)
        await update_contact(tx, owner, loser, fields)
        await opt_out(tx, owner, loser, source="keyword")
    async with database.workspace(workspace.id) as tx:
        await merge(tx)
        joined = await get_contact(tx, owner, winner)
        assert (joined.city, joined.attributes) == ("Depok", {"ukuran": "XL", "warna": "biru"})
    async with database.workspace(workspace.id) as tx:
        [record] = await list_merges(tx, owner, winner)
        assert (record.loser_id, record.loser_name, record.undone_at) == (loser, "budi s", None)
        back = await unmerge_contacts(tx, owner, winner, record.id)
    async with database.workspace(workspace.id) as tx:
        again, rest = await get_contact(tx, owner, loser), await get_contact(tx, owner, winner)
        assert back.id == loser
        assert (again.name, again.city, again.category_id) == ("budi s", "Depok", category.id)
        assert again.opted_out_at is not None
        assert (rest.name, rest.city, rest.attributes, rest.opted_out_at) == ("Budi", None, {"ukuran": "XL"}, None)
        assert {item.kind for item in await get_identities(tx, owner, loser)} == {"bsuid", "username"}
        assert {item.kind for item in await get_identities(tx, owner, winner)} == {"phone", "wa_id"}
        members = await tx.fetch("SELECT group_id FROM contact_group_members WHERE contact_id = $1", winner)
        assert [row["group_id"] for row in members] == [both.id]
        assert await tx.fetchval("SELECT contact_id FROM consents") == loser
        assert await found(tx, owner, "budi s") == ["budi s"]
        await assert_counts_exact(tx)
        types = [
            row["type"]
            for row in await tx.fetch("SELECT type FROM events WHERE type LIKE 'contact.%' ORDER BY position")
        ]
        assert types[-2:] == ["contact.merged", "contact.unmerged"]
        assert await tx.fetchval("SELECT count(*) FROM audit_logs WHERE action = 'contact.unmerged'") == 1
        assert await identify_sender(tx, Sender(bsuid="ID.1")) == loser


async def test_what_people_did_since_the_merge_stays(database: Database, workspace: WorkspaceFixture) -> None:
    owner = workspace.owner
    async with database.workspace(workspace.id) as tx:
        late = await create_group(tx, owner, "Late", None)
        winner, loser = await make_pair(tx, owner)
        await update_contact(tx, owner, loser, ContactFields(name="budi s", city="Depok", email="b@toko.example"))
    async with database.workspace(workspace.id) as tx:
        await merge(tx)
    async with database.workspace(workspace.id) as tx:
        edited = ContactFields(name="Budi", phone=PHONE, city="Bogor", email="b@toko.example")
        await update_contact(tx, owner, winner, edited)
        await add_to_group(tx, owner, late.id, [winner])
        # Either person may have said stop: both keep it.
        await opt_out(tx, owner, winner, source="keyword")
    async with database.workspace(workspace.id) as tx:
        [record] = await list_merges(tx, owner, winner)
        await unmerge_contacts(tx, owner, winner, record.id)
        rest, again = await get_contact(tx, owner, winner), await get_contact(tx, owner, loser)
        assert (rest.city, rest.email) == ("Bogor", None)
        assert None not in (rest.opted_out_at, again.opted_out_at)
        assert await tx.fetchval("SELECT count(*) FROM contact_group_members WHERE contact_id = $1", winner) == 1
        await assert_counts_exact(tx)


async def test_a_number_that_came_from_the_other_goes_back_to_it(
    database: Database, workspace: WorkspaceFixture
) -> None:
    owner = workspace.owner
    async with database.workspace(workspace.id) as tx:
        winner, loser = await make_pair(tx, owner)
        await merge(tx)
        [record] = await list_merges(tx, owner, winner)
        # As if the numberless contact had won: the number is the loser's.
        await tx.execute(
            "UPDATE contact_merges SET winner_id = loser_id, loser_id = winner_id, before = jsonb_build_object("
            "'winner', before->'loser', 'loser', before->'winner', 'groups', '[]'::jsonb, 'consents', '[]'::jsonb,"
            ' \'identities\', \'[{"kind":"phone","scope":"","value":"+6281234567890"},'
            '{"kind":"wa_id","scope":"","value":"6281234567890"}]\'::jsonb)'
        )
        await tx.execute("UPDATE contacts SET deleted_at = CASE WHEN id = $1 THEN now() END", winner)
        await tx.execute("UPDATE contacts SET phone = $2 WHERE id = $1", loser, f"+{DIGITS}")
        await tx.execute("UPDATE contact_identities SET contact_id = $1", loser)
        back = await unmerge_contacts(tx, owner, loser, record.id)
        assert (back.id, back.phone) == (winner, f"+{DIGITS}")
        assert (await get_contact(tx, owner, loser)).phone is None
        assert {item.kind for item in await get_identities(tx, owner, winner)} == {"phone", "wa_id"}


async def test_a_contact_that_was_in_the_bin_goes_back_into_it(database: Database, workspace: WorkspaceFixture) -> None:
    owner = workspace.owner
    async with database.workspace(workspace.id) as tx:
        group = await create_group(tx, owner, "G", None)
        winner, loser = await make_pair(tx, owner)
        await add_to_group(tx, owner, group.id, [loser])
        await delete_contact(tx, owner, loser)
    async with database.workspace(workspace.id) as tx:
        await merge(tx)
    async with database.workspace(workspace.id) as tx:
        [record] = await list_merges(tx, owner, winner)
        await unmerge_contacts(tx, owner, winner, record.id)
        with pytest.raises(ContactNotFound):
            await get_contact(tx, owner, loser)
        await assert_counts_exact(tx)
        await restore_contact(tx, owner, loser)
        assert await tx.fetchval("SELECT contact_count FROM contact_groups") == 1
        await assert_counts_exact(tx)


async def test_a_merge_is_undone_once_and_only_with_the_right_contact(
    database: Database, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    owner = workspace.owner
    async with database.workspace(workspace.id) as tx:
        winner, loser = await make_pair(tx, owner)
        await merge(tx)
        [record] = await list_merges(tx, owner, winner)
        with pytest.raises(MergeNotFound):
            await unmerge_contacts(tx, owner, loser, record.id)
        with pytest.raises(MergeNotFound):
            await unmerge_contacts(tx, owner, winner, new_uuid7())
        await unmerge_contacts(tx, owner, winner, record.id)
        with pytest.raises(MergeNotUndoable) as refusal:
            await unmerge_contacts(tx, owner, winner, record.id)
        assert refusal.value.data["reason"] == "undone"
    async with database.workspace(other_workspace.id) as tx:
        with pytest.raises(MergeNotFound):
            await unmerge_contacts(tx, other_workspace.owner, winner, record.id)
        with pytest.raises(ContactNotFound):
            await list_merges(tx, other_workspace.owner, winner)


async def test_it_is_refused_while_the_rest_is_in_the_bin_or_an_id_has_moved_on(
    database: Database, workspace: WorkspaceFixture
) -> None:
    owner = workspace.owner
    async with database.workspace(workspace.id) as tx:
        winner, _ = await make_pair(tx, owner)
        await merge(tx)
        [record] = await list_merges(tx, owner, winner)
        await delete_contact(tx, owner, winner)
        with pytest.raises(MergeNotUndoable) as binned:
            await unmerge_contacts(tx, owner, winner, record.id)
        await restore_contact(tx, owner, winner)
        third = await create_contact(tx, owner, ContactFields(name="Wati"))
        await tx.execute("UPDATE contact_identities SET contact_id = $1 WHERE kind = 'bsuid'", third.id)
        with pytest.raises(MergeNotUndoable) as taken:
            await unmerge_contacts(tx, owner, winner, record.id)
    assert (binned.value.data["reason"], taken.value.data["reason"]) == ("winner_deleted", "identity_taken")
    assert "tempat sampah" in binned.value.text("id")


async def test_both_questions_need_their_permission(
    database: Database, workspace: WorkspaceFixture, make_actor: Callable[..., Actor]
) -> None:
    async with database.workspace(workspace.id) as tx:
        with pytest.raises(PermissionDenied):
            await unmerge_contacts(tx, make_actor(Permission.CONTACTS_READ), new_uuid7(), new_uuid7())
        with pytest.raises(PermissionDenied):
            await list_merges(tx, make_actor(Permission.CONTACTS_WRITE), new_uuid7())


async def test_a_merge_is_listed_and_undone_over_http(
    api: httpx.AsyncClient, database: Database, workspace: WorkspaceFixture
) -> None:
    async with database.workspace(workspace.id) as tx:
        winner, loser = await make_pair(tx, workspace.owner)
        await merge(tx)
    url = f"/api/v1/workspaces/{workspace.slug}/contacts/{encode_id('con', winner)}/merges"
    [listed] = (await api.get(url)).json()
    assert (listed["contact_id"], listed["undone_at"]) == (encode_id("con", loser), None)
    back = await api.post(f"{url}/{listed['id']}/undo")
    assert (back.status_code, back.json()["id"]) == (200, encode_id("con", loser))
    again = await api.post(f"{url}/{listed['id']}/undo", headers={"accept-language": "id"})
    assert (again.status_code, again.json()["code"]) == (409, "merge_not_undoable")
    assert again.json()["detail"] == "Penggabungan ini sudah dibatalkan."
    assert (await api.post(f"{url}/nonsense/undo")).status_code == 404
