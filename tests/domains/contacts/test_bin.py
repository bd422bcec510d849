"""The bin: listed, restored, and emptied of what lies there longer than 30 days."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
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
)
from blazz.domains.contacts.bin import BIN_PERIOD, list_bin, purge_bins
from blazz.domains.contacts.jobs import tidy_contacts
from blazz.domains.contacts.senders import identify_sender
from blazz.domains.contacts.unmerging import list_merges
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.clock import FixedClock
from blazz.kernel.errors import PermissionDenied
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.contacts.test_contacts import assert_counts_exact, found
from tests.factories import make_number


def later(runtime: Runtime, by: timedelta = BIN_PERIOD + timedelta(hours=1)) -> Runtime:
    """The same process, later."""
    return replace(runtime, clock=FixedClock(datetime.now(UTC) + by))


async def bin_a_contact(runtime: Runtime, workspace: WorkspaceFixture, wanted: ContactFields) -> UUID:
    """Make a contact and delete it."""
    async with runtime.database.workspace(workspace.id) as tx:
        made = await create_contact(tx, workspace.owner, wanted)
        await delete_contact(tx, workspace.owner, made.id)
    return made.id


async def test_the_bin_is_listed_latest_first_and_given_back_over_http(
    api: httpx.AsyncClient, runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    ids = [await bin_a_contact(runtime, workspace, ContactFields(name=f"P{index}")) for index in range(5)]
    url = f"/api/v1/workspaces/{workspace.slug}/contacts"
    names, cursor = [], None
    while True:
        page = (await api.get(f"{url}/bin", params={"limit": "2"} | ({"cursor": cursor} if cursor else {}))).json()
        names += [item["name"] for item in page["data"]]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert names == ["P4", "P3", "P2", "P1", "P0"]
    first = page["data"][0]
    assert datetime.fromisoformat(first["purge_at"]) - datetime.fromisoformat(first["deleted_at"]) == BIN_PERIOD
    assert (await api.post(f"{url}/{encode_id('con', ids[0])}/restore")).status_code == 200
    left = (await api.get(f"{url}/bin")).json()["data"]
    assert [item["name"] for item in left] == ["P4", "P3", "P2", "P1"]
    assert (await api.get(f"{url}/bin", params={"cursor": "WyJ4IiwieSJd"})).status_code == 422


async def test_the_loser_of_a_merge_is_not_in_the_bin(runtime: Runtime, workspace: WorkspaceFixture) -> None:
    async with runtime.database.workspace(workspace.id) as tx:
        await create_contact(tx, workspace.owner, ContactFields(name="Budi", phone="081234567890"))
        await identify_sender(tx, Sender(bsuid="ID.1"))
        await identify_sender(tx, Sender(wa_id="6281234567890", bsuid="ID.1"))
        assert await list_bin(tx, workspace.owner, limit=10) == []


async def test_after_its_time_a_contact_is_gone_with_everything_known_of_it(
    runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    owner = workspace.owner
    async with runtime.database.workspace(workspace.id) as tx:
        group = await create_group(tx, owner, "G", None)
        category = await create_category(tx, owner, "K", None)
        wanted = ContactFields(name="Budi", phone="081234567890", category_id=category.id)
        made = await create_contact(tx, owner, wanted)
        await add_to_group(tx, owner, group.id, [made.id])
        await delete_contact(tx, owner, made.id)
    assert await purge_bins(runtime) == 0
    assert await purge_bins(later(runtime, timedelta(days=29))) == 0
    assert await tidy_contacts(later(runtime)) == 1
    async with runtime.database.workspace(workspace.id) as tx:
        for table in ("contacts", "contact_identities", "contact_group_members", "contact_search"):
            assert await tx.fetchval(f"SELECT count(*) FROM {table}") == 0
        event = await tx.fetchrow("SELECT type, payload::text FROM events ORDER BY position DESC LIMIT 1")
        assert event is not None
        assert event["type"] == "contact.purged"
        assert str(made.id) in event["payload"]
        with pytest.raises(ContactNotFound):
            await restore_contact(tx, owner, made.id)
        again = await create_contact(tx, owner, wanted)
        assert again.id != made.id
        await assert_counts_exact(tx)
    assert await purge_bins(later(runtime)) == 0


async def test_a_contact_with_conversations_stays_as_a_shell_without_a_person(
    runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    number_id = await make_number(runtime, workspace)
    talked = await bin_a_contact(runtime, workspace, ContactFields(name="Budi", phone="081234567890", email="b@x.id"))
    others = [await bin_a_contact(runtime, workspace, ContactFields(name=f"P{index}")) for index in range(5)]
    async with runtime.database.workspace(workspace.id) as tx:
        await tx.execute(
            "INSERT INTO conversations (workspace_id, id, contact_id, number_id) VALUES ($1, $2, $3, $4)",
            workspace.id,
            others[0],
            talked,
            number_id,
        )
    assert await purge_bins(later(runtime), batch=4) == 6
    async with runtime.database.workspace(workspace.id) as tx:
        rows = await tx.fetch("SELECT id, name, phone, email, purged_at FROM contacts")
        assert [(row["id"], row["name"], row["phone"], row["email"]) for row in rows] == [(talked, "", None, None)]
        assert rows[0]["purged_at"] is not None
        assert await tx.fetchval("SELECT count(*) FROM contact_identities") == 0
        assert await list_bin(tx, workspace.owner, limit=10) == []
        with pytest.raises(ContactNotFound):
            await restore_contact(tx, workspace.owner, talked)
        again = await create_contact(tx, workspace.owner, ContactFields(name="Budi", phone="081234567890"))
        assert again.id != talked


async def test_who_said_stop_is_remembered_after_the_purge(runtime: Runtime, workspace: WorkspaceFixture) -> None:
    owner = workspace.owner
    async with runtime.database.workspace(workspace.id) as tx:
        made = await create_contact(tx, owner, ContactFields(name="Budi", phone="081234567890", notes="tetangga"))
        await opt_out(tx, owner, made.id, source="keyword")
        await delete_contact(tx, owner, made.id)
    assert await purge_bins(later(runtime)) == 1
    async with runtime.database.workspace(workspace.id) as tx:
        assert await list_bin(tx, owner, limit=10) == []
        with pytest.raises(ContactNotFound):
            await restore_contact(tx, owner, made.id)
        assert await tx.fetchval("SELECT name || COALESCE(notes, '') FROM contacts") == ""
        again = await create_contact(tx, owner, ContactFields(name="Budi", phone="0812 3456 7890"))
        assert again.id == made.id
        kept = await get_contact(tx, owner, made.id)
        assert (kept.name, kept.notes, kept.opted_out_at is not None) == ("Budi", None, True)
        assert {item.kind for item in await get_identities(tx, owner, made.id)} == {"phone", "wa_id"}
        assert await found(tx, owner, "budi") == ["Budi"]
        await assert_counts_exact(tx)


async def test_a_purge_forgets_merge_records_and_leaves_other_workspaces_alone(
    runtime: Runtime, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    owner = workspace.owner
    async with runtime.database.workspace(workspace.id) as tx:
        known = await create_contact(tx, owner, ContactFields(name="Budi", phone="081234567890"))
        await identify_sender(tx, Sender(bsuid="ID.1"))
        await identify_sender(tx, Sender(wa_id="6281234567890", bsuid="ID.1"))
        assert len(await list_merges(tx, owner, known.id)) == 1
    async with runtime.database.workspace(other_workspace.id) as tx:
        await create_contact(tx, other_workspace.owner, ContactFields(name="Lain", phone="081234567890"))
    assert await purge_bins(later(runtime)) == 1
    async with runtime.database.workspace(workspace.id) as tx:
        assert await list_merges(tx, owner, known.id) == []
        assert (await get_contact(tx, owner, known.id)).name == "Budi"
    async with runtime.database.workspace(other_workspace.id) as tx:
        assert await tx.fetchval("SELECT count(*) FROM contacts") == 1


async def test_listing_the_bin_needs_its_permission(
    runtime: Runtime, workspace: WorkspaceFixture, make_actor: Callable[..., Actor]
) -> None:
    async with runtime.database.workspace(workspace.id) as tx:
        with pytest.raises(PermissionDenied):
            await list_bin(tx, make_actor(Permission.CONTACTS_WRITE), limit=10)
