"""Contacts, the bin, categories, groups, consent, search and senders against a real database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from blazz.domains.contacts import (
    CategoryNotFound,
    ContactFields,
    ContactFilter,
    ContactNotFound,
    DuplicateContact,
    GroupNotFound,
    InvalidPhone,
    Sender,
    Touch,
    add_to_group,
    category_statistics,
    create_category,
    create_contact,
    create_group,
    create_starter_categories,
    delete_category,
    delete_contact,
    find_contact,
    get_contact,
    get_identities,
    identify_senders,
    list_contact_fields,
    list_contacts,
    opt_in,
    opt_out,
    restore_contact,
    touch_contacts,
    update_contact,
)
from blazz.domains.contacts.errors import CategoryMoveNeeded, FragmentTooShort, NameTaken
from blazz.domains.contacts.search import grams_of
from blazz.domains.contacts.senders import UnknownSenderError, identify_sender
from blazz.domains.contacts.taxonomy import delete_group, get_group, remove_from_group
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import Database, WorkspaceTx
from blazz.kernel.errors import PermissionDenied
from tests.conftest import WorkspaceFixture

LAST = UUID(int=(1 << 128) - 1)
ANY = ContactFilter()


async def found(tx: WorkspaceTx, actor: Actor, text: str) -> list[str]:
    """The names a search finds."""
    return [c.name for c in await list_contacts(tx, actor, ANY, search=text, before=LAST, limit=50)]


async def counts(tx: WorkspaceTx, table: str) -> dict[str, int]:
    """The stored counts by name."""
    return {row["name"]: row["contact_count"] for row in await tx.fetch(f"SELECT name, contact_count FROM {table}")}


async def assert_counts_exact(tx: WorkspaceTx) -> None:
    """A recount finds a difference of 0."""
    wrong = await tx.fetchval("""
        SELECT (SELECT count(*) FROM categories k WHERE contact_count <> (SELECT count(*) FROM contacts c
                 WHERE c.category_id = k.id AND c.deleted_at IS NULL))
             + (SELECT count(*) FROM contact_groups g WHERE contact_count <> (SELECT count(*)
                  FROM contact_group_members m JOIN contacts c ON c.id = m.contact_id
                 WHERE m.group_id = g.id AND c.deleted_at IS NULL))""")
    assert wrong == 0


async def test_a_contact_keeps_the_number_as_typed_and_gets_its_identities(
    database: Database, workspace: WorkspaceFixture
) -> None:
    async with database.workspace(workspace.id) as tx:
        made = await create_contact(tx, workspace.owner, ContactFields(name="Budi", phone="0812-3456-7890"))
        assert (made.phone, made.original_number) == ("+6281234567890", "0812-3456-7890")
        identities = await get_identities(tx, workspace.owner, made.id)
        assert {(i.kind, i.value) for i in identities} == {("phone", "+6281234567890"), ("wa_id", "6281234567890")}
        assert (await find_contact(tx, workspace.owner, "62 812 3456 7890")).id == made.id


async def test_bad_and_duplicate_numbers_are_refused(database: Database, workspace: WorkspaceFixture) -> None:
    async with database.workspace(workspace.id) as tx:
        made = await create_contact(tx, workspace.owner, ContactFields(name="Budi", phone="081234567890"))
        other = await create_contact(tx, workspace.owner, ContactFields(name="Tono"))
        with pytest.raises(InvalidPhone) as refused:
            await create_contact(tx, workspace.owner, ContactFields(phone="6,28E+12"))
        assert refused.value.text("id") != refused.value.text("en")
        with pytest.raises(DuplicateContact):
            await create_contact(tx, workspace.owner, ContactFields(phone="+62 812 3456 7890"))
        with pytest.raises(DuplicateContact):
            await update_contact(tx, workspace.owner, other.id, ContactFields(name="Tono", phone="081234567890"))
        with pytest.raises(ContactNotFound):
            await find_contact(tx, workspace.owner, "081299998888")
        with pytest.raises(CategoryNotFound):
            await create_contact(tx, workspace.owner, ContactFields(category_id=made.id))


async def test_every_command_looks_at_the_permission_first(database: Database, workspace: WorkspaceFixture) -> None:
    nobody = Actor(kind="user", workspace_id=workspace.id, permissions=frozenset({Permission.CONTACTS_READ}))
    async with database.workspace(workspace.id) as tx:
        made = await create_contact(tx, workspace.owner, ContactFields(name="Budi"))
        assert (await get_contact(tx, nobody, made.id)).name == "Budi"
        with pytest.raises(PermissionDenied):
            await create_contact(tx, nobody, ContactFields(name="x"))
        with pytest.raises(PermissionDenied):
            await delete_contact(tx, nobody, made.id)
        with pytest.raises(PermissionDenied):
            await opt_out(tx, nobody, made.id, source="x")
        with pytest.raises(PermissionDenied):
            await create_group(tx, nobody, "x", None)


async def test_the_bin_gives_contacts_back_with_counts_and_search(
    database: Database, workspace: WorkspaceFixture
) -> None:
    owner = workspace.owner
    async with database.workspace(workspace.id) as tx:
        category = await create_category(tx, owner, "VIP", None)
        group = await create_group(tx, owner, "Jakarta", None)
        made = await create_contact(
            tx, owner, ContactFields(name="Budi", phone="081234567890", category_id=category.id)
        )
        assert await add_to_group(tx, owner, group.id, [made.id, made.id]) == 1
        assert await add_to_group(tx, owner, group.id, [made.id]) == 0
        await delete_contact(tx, owner, made.id)
        assert await counts(tx, "categories") == {"VIP": 0}
        assert await counts(tx, "contact_groups") == {"Jakarta": 0}
        assert await found(tx, owner, "budi") == []
        with pytest.raises(ContactNotFound):
            await get_contact(tx, owner, made.id)
        with pytest.raises(ContactNotFound):
            await delete_contact(tx, owner, made.id)
        assert await add_to_group(tx, owner, group.id, [made.id]) == 0
        await restore_contact(tx, owner, made.id)
        with pytest.raises(ContactNotFound):
            await restore_contact(tx, owner, made.id)
        assert await found(tx, owner, "budi") == ["Budi"]
        await assert_counts_exact(tx)
        await delete_contact(tx, owner, made.id)
        again = await create_contact(tx, owner, ContactFields(name="Budi Baru", phone="081234567890"))
        assert again.id == made.id
        await assert_counts_exact(tx)


async def test_starter_categories_statistics_and_deletion(database: Database, workspace: WorkspaceFixture) -> None:
    owner = workspace.owner
    async with database.workspace(workspace.id) as tx:
        await create_starter_categories(tx, owner)
        await create_starter_categories(tx, owner)
        with pytest.raises(NameTaken):
            await create_category(tx, owner, "prospek", None)
        by_name = {c.name: c.id for c in await category_statistics(tx, owner)}
        assert set(by_name) == {"Pelanggan VIP", "Pelanggan VIP 2", "Pelanggan Reguler", "Prospek", "Lead"}
        for number in range(3):
            await create_contact(tx, owner, ContactFields(name=f"L{number}", category_id=by_name["Lead"]))
        await create_contact(tx, owner, ContactFields(name="P", category_id=by_name["Prospek"]))
        ranked = [(c.name, c.contact_count) for c in await category_statistics(tx, owner)]
        assert ranked[:2] == [("Lead", 3), ("Prospek", 1)]
        assert len(ranked) == 5
        with pytest.raises(CategoryMoveNeeded):
            await delete_category(tx, owner, by_name["Lead"])
        with pytest.raises(CategoryMoveNeeded):
            await delete_category(tx, owner, by_name["Lead"], move_to=by_name["Lead"])
        with pytest.raises(CategoryMoveNeeded):
            await delete_category(tx, owner, by_name["Lead"], move_to=by_name["Prospek"], uncategorise=True)
        assert await delete_category(tx, owner, by_name["Lead"], move_to=by_name["Prospek"]) == 3
        assert (await counts(tx, "categories"))["Prospek"] == 4
        assert await delete_category(tx, owner, by_name["Prospek"], uncategorise=True) == 4
        assert await delete_category(tx, owner, by_name["Pelanggan VIP"]) == 0
        with pytest.raises(CategoryNotFound):
            await delete_category(tx, owner, by_name["Lead"])
        await assert_counts_exact(tx)


async def test_groups_filter_lists_and_go_away_without_their_contacts(
    database: Database, workspace: WorkspaceFixture
) -> None:
    owner = workspace.owner
    async with database.workspace(workspace.id) as tx:
        group = await create_group(tx, owner, "Jakarta", None)
        people = [await create_contact(tx, owner, ContactFields(name=f"P{i}")) for i in range(5)]
        await add_to_group(tx, owner, group.id, [p.id for p in people[:3]])
        await opt_out(tx, owner, people[0].id, source="agent")
        which = ContactFilter(group_id=group.id, opted_out=False)
        listed = await list_contacts(tx, owner, which, search=None, before=LAST, limit=10)
        assert [c.name for c in listed] == ["P2", "P1"]
        rest = await list_contacts(tx, owner, ANY, search=None, before=people[2].id, limit=10)
        assert [c.name for c in rest] == ["P1", "P0"]
        assert await remove_from_group(tx, owner, group.id, [people[1].id, people[4].id]) == 1
        assert (await get_group(tx, owner, group.id)).contact_count == 2
        await delete_group(tx, owner, group.id)
        with pytest.raises(GroupNotFound):
            await add_to_group(tx, owner, group.id, [people[0].id])
        assert (await get_contact(tx, owner, people[0].id)).name == "P0"


async def test_opting_out_is_recorded_once_as_a_change_and_every_time_as_a_statement(
    database: Database, workspace: WorkspaceFixture
) -> None:
    owner = workspace.owner
    async with database.workspace(workspace.id) as tx:
        made = await create_contact(tx, owner, ContactFields(name="Budi"))
        assert await opt_out(tx, owner, made.id, source="keyword", detail="STOP")
        assert not await opt_out(tx, owner, made.id, source="keyword", detail="STOP")
        assert (await get_contact(tx, owner, made.id)).opted_out_at is not None
        assert await opt_in(tx, owner, made.id, source="form")
        assert (await get_contact(tx, owner, made.id)).opted_out_at is None
        assert await tx.fetchval("SELECT count(*) FROM consents") == 3
        with pytest.raises(ContactNotFound):
            await opt_out(tx, owner, LAST, source="x")
    async with database.workspace(workspace.id) as tx:
        types = [row["type"] for row in await tx.fetch("SELECT type FROM events ORDER BY id")]
        assert types == ["contact.created", "contact.opted_out", "contact.opted_in"]


@pytest.mark.parametrize(
    "text", ["bu", "udi San", "SANTO", "toko.exa", "0812345", "62812", "+62 812-34", "456789", "81"]
)
async def test_any_fragment_finds_a_contact(database: Database, workspace: WorkspaceFixture, text: str) -> None:
    async with database.workspace(workspace.id) as tx:
        await create_contact(
            tx, workspace.owner, ContactFields(name="Budi  Santoso", phone="081234567890", email="Budi@Toko.example")
        )
        await create_contact(tx, workspace.owner, ContactFields(name="Wati", phone="085711112222"))
        assert await found(tx, workspace.owner, text) == ["Budi  Santoso"]


async def test_search_pages_filters_and_refuses_single_characters(
    database: Database, workspace: WorkspaceFixture
) -> None:
    owner = workspace.owner
    async with database.workspace(workspace.id) as tx:
        people = [await create_contact(tx, owner, ContactFields(name=f"Dewi {i}")) for i in range(5)]
        await opt_out(tx, owner, people[3].id, source="agent")
        first = await list_contacts(tx, owner, ANY, search="dewi", before=LAST, limit=2)
        assert [c.name for c in first] == ["Dewi 4", "Dewi 3"]
        only = await list_contacts(tx, owner, ContactFilter(opted_out=True), search="dewi", before=LAST, limit=2)
        assert [c.name for c in only] == ["Dewi 3"]
        await update_contact(tx, owner, people[0].id, ContactFields(name="Ganti"))
        assert await found(tx, owner, "dewi 0") == []
        for bad in ("", "d", " "):
            with pytest.raises(FragmentTooShort):
                await list_contacts(tx, owner, ANY, search=bad, before=LAST, limit=2)


async def test_search_never_shows_another_workspace(
    database: Database, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture, owner_url: str
) -> None:
    async with database.workspace(workspace.id) as tx:
        await create_contact(tx, workspace.owner, ContactFields(name="Rahasia Kami"))
    async with database.workspace(other_workspace.id) as tx:
        assert await found(tx, other_workspace.owner, "rahasia") == []
        # Even with the very pieces of the other workspace the function takes the workspace from the setting.
        stolen = "SELECT * FROM search_contact_ids('rahasia', '{}', $1, 10)"
        assert await tx.fetch(stolen, LAST) == []
    async with database.workspace(workspace.id) as tx:
        assert len(await tx.fetch(stolen, LAST)) == 1
    unbound = await asyncpg.connect(database.urls.app)
    assert await unbound.fetch(stolen, LAST) == []
    await unbound.close()


async def test_search_uses_its_index(database: Database, workspace: WorkspaceFixture, owner_url: str) -> None:
    async with database.workspace(workspace.id) as tx:
        people = [Sender(wa_id=f"62812{i:08d}", profile_name=f"Orang {i}") for i in range(3000)]
        await identify_senders(tx, people)
    owner = await asyncpg.connect(owner_url)
    await owner.execute("VACUUM ANALYZE contact_search")
    await owner.close()
    usage = """SELECT (SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'contact_search_grams_idx') AS gin,
                      (SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'contact_search_pkey') AS pkey,
                      (SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'contact_search') AS seq"""
    connection = await asyncpg.connect(database.urls.app)
    await connection.execute("SELECT pg_stat_force_next_flush()")
    before = await connection.fetchrow(usage)
    await connection.execute(f"SET app.workspace_id = '{workspace.id}'")
    grams = sorted(grams_of(workspace.id, "orang 29"))
    assert len(await connection.fetch("SELECT * FROM search_contact_ids('orang 29', $1, $2, 500)", grams, LAST)) == 111
    await connection.execute("SELECT pg_stat_force_next_flush()")
    after = await connection.fetchrow(usage)
    await connection.close()
    assert before is not None
    assert after is not None
    assert (after["gin"] - before["gin"], after["pkey"] - before["pkey"], after["seq"] - before["seq"]) == (1, 0, 0)


async def test_senders_are_found_made_and_merged_in_one_batch(database: Database, workspace: WorkspaceFixture) -> None:
    owner = workspace.owner
    async with database.workspace(workspace.id) as tx:
        known = await create_contact(tx, owner, ContactFields(name="Budi", phone="081234567890"))
        ids = await identify_senders(
            tx,
            [
                Sender(wa_id="6281234567890", profile_name="budi santoso"),
                Sender(bsuid="ID.111", profile_name="Siti", username="@Siti"),
                Sender(wa_id="6281300001111", profile_name="Wati"),
                Sender(wa_id="6281300001111", bsuid="ID.222"),
                Sender(bsuid="ID.222"),
            ],
        )
        assert ids[0] == known.id
        assert len(set(ids)) == 3
        assert ids[2] == ids[3] == ids[4]
        assert (await get_contact(tx, owner, known.id)).name == "Budi"
        wati = await get_contact(tx, owner, ids[2])
        assert (wati.name, wati.phone) == ("Wati", "+6281300001111")
        assert (await get_contact(tx, owner, ids[1])).phone is None
        assert await identify_sender(tx, Sender(bsuid="ID.111")) == ids[1]
        with pytest.raises(UnknownSenderError):
            await identify_sender(tx, Sender(username="x"))


async def test_a_message_with_both_ids_joins_two_contacts(database: Database, workspace: WorkspaceFixture) -> None:
    owner = workspace.owner
    async with database.workspace(workspace.id) as tx:
        group = await create_group(tx, owner, "G", None)
        category = await create_category(tx, owner, "K", None)
        known = await create_contact(tx, owner, ContactFields(name="Budi", phone="081234567890"))
        unknown = await identify_sender(tx, Sender(bsuid="ID.1", profile_name="budi"))
        await add_to_group(tx, owner, group.id, [known.id, unknown])
        await update_contact(tx, owner, unknown, ContactFields(name="budi", city="Depok", category_id=category.id))
        await opt_out(tx, owner, unknown, source="keyword")
        assert await identify_sender(tx, Sender(wa_id="6281234567890", bsuid="ID.1")) == known.id
        joined = await get_contact(tx, owner, known.id)
        assert (joined.name, joined.city) == ("Budi", "Depok")
        assert joined.opted_out_at is not None
        with pytest.raises(ContactNotFound):
            await get_contact(tx, owner, unknown)
        with pytest.raises(ContactNotFound):
            await restore_contact(tx, owner, unknown)
        assert await identify_sender(tx, Sender(bsuid="ID.1")) == known.id
        assert await tx.fetchval("SELECT count(*) FROM contact_merges") == 1
        await assert_counts_exact(tx)


async def test_touching_only_moves_forward_and_fields_list_attributes(
    database: Database, workspace: WorkspaceFixture
) -> None:
    owner, now = workspace.owner, datetime(2026, 5, 1, tzinfo=UTC)
    async with database.workspace(workspace.id) as tx:
        made = await create_contact(tx, owner, ContactFields(name="Budi", attributes={"ukuran": "XL"}))
        later = Touch(contact_id=made.id, last_message_at=now, inbound=True, preview="halo")
        earlier = Touch(contact_id=made.id, last_message_at=now - timedelta(hours=1), inbound=False, preview="lama")
        await touch_contacts(tx, [later, earlier])
        await touch_contacts(tx, [earlier])
        contact = await get_contact(tx, owner, made.id)
        assert (contact.last_message_at, contact.last_inbound_at, contact.last_message_preview) == (now, now, "halo")
        paths = [field.path for field in await list_contact_fields(tx, owner)]
        assert {"name", "first_name", "phone", "email", "city", "company", "category", "attributes.ukuran"} <= set(
            paths
        )
