"""Members, roles and keys: who may do what, and who may change it."""

import pytest

from blazz.domains.audit import list_entries
from blazz.domains.identity import create_user
from blazz.domains.workspaces import (
    ROLE_PERMISSIONS,
    LastOwner,
    Role,
    add_member,
    change_role,
    create_key,
    create_workspace,
    list_keys,
    list_members,
    list_user_workspaces,
    remove_member,
    revoke_key,
    update_workspace,
)
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import Database
from blazz.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from blazz.kernel.ids import new_uuid7
from tests.conftest import WorkspaceFixture


async def test_a_workspace_always_keeps_an_owner(database: Database, workspace: WorkspaceFixture) -> None:
    async with database.workspace(workspace.id) as tx:
        with pytest.raises(LastOwner):
            await remove_member(tx, workspace.owner, workspace.user_id)
        with pytest.raises(LastOwner):
            await change_role(tx, workspace.owner, workspace.user_id, Role.VIEWER)
        await change_role(tx, workspace.owner, workspace.user_id, Role.OWNER)


async def test_an_admin_touches_neither_owners_nor_ownership(database: Database, workspace: WorkspaceFixture) -> None:
    admin = Actor(
        kind="user",
        workspace_id=workspace.id,
        permissions=ROLE_PERMISSIONS[Role.ADMIN],
        user_id=new_uuid7(),
        role="admin",
    )
    async with database.system() as system:
        colleague = await create_user(system, email="rina@toko.example", name="Rina", password=None)
    async with database.workspace(workspace.id) as tx:
        with pytest.raises(PermissionDenied):
            await change_role(tx, admin, workspace.user_id, Role.AGENT)
        with pytest.raises(PermissionDenied):
            await add_member(tx, admin, colleague, Role.OWNER)
        await add_member(tx, admin, colleague, Role.AGENT)
        with pytest.raises(Conflict):
            await add_member(tx, admin, colleague, Role.AGENT)
        members = {member.email: member.role for member in await list_members(tx, admin)}
        await remove_member(tx, admin, colleague)
        with pytest.raises(NotFound):
            await remove_member(tx, admin, colleague)
        actions = [entry.action for entry in await list_entries(tx, workspace.owner, None, 10)]
    assert members["rina@toko.example"] is Role.AGENT
    assert actions == ["member.removed", "member.added"]


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_read_its_workspace_and_only_owners_and_admins_manage_people(role: Role) -> None:
    granted = ROLE_PERMISSIONS[role]
    assert Permission.WORKSPACE_READ in granted
    assert (Permission.MEMBERS_MANAGE in granted) is (role in {Role.OWNER, Role.ADMIN})
    assert (Permission.CAMPAIGNS_SEND in granted) is (role in {Role.OWNER, Role.ADMIN, Role.MARKETER})
    assert (Permission.KEYS_MANAGE in granted) is (role in {Role.OWNER, Role.ADMIN, Role.DEVELOPER})


async def test_a_key_never_holds_more_than_its_maker(database: Database, workspace: WorkspaceFixture) -> None:
    developer = Actor(
        kind="user",
        workspace_id=workspace.id,
        permissions=ROLE_PERMISSIONS[Role.DEVELOPER],
        user_id=workspace.user_id,
        role="developer",
    )
    async with database.workspace(workspace.id) as tx:
        with pytest.raises(PermissionDenied):
            await create_key(tx, developer, "wide", [Permission.MEMBERS_MANAGE])
        with pytest.raises(InvalidInput):
            await create_key(tx, developer, "", [Permission.MESSAGES_SEND])
        made = await create_key(tx, developer, "bot", [Permission.MESSAGES_SEND], is_test=True)
        listed = await list_keys(tx, developer)
        await revoke_key(tx, developer, made.id)
        with pytest.raises(NotFound):
            await revoke_key(tx, developer, made.id)
        stored = await tx.fetch("SELECT key_digest FROM api_key_lookup WHERE workspace_id = $1", workspace.id)
    assert made.secret.startswith("blz_test_")
    assert [key.hint for key in listed] == [made.secret[:13]]
    assert stored == []


async def test_a_workspace_refuses_an_unknown_country_and_zone(database: Database, workspace: WorkspaceFixture) -> None:
    async with database.system() as tx:
        with pytest.raises(InvalidInput) as refusal:
            await create_workspace(tx, workspace.user_id, "  ", country="id", timezone="Mars/Base")
        made = await create_workspace(tx, workspace.user_id, "Cabang Bandung", timezone="Asia/Makassar")
        mine = await list_user_workspaces(tx, workspace.user_id)
    assert [problem.pointer for problem in refusal.value.problems] == ["/name", "/country", "/timezone"]
    assert {(one.name, role) for one, role in mine} == {("Toko Sinar", Role.OWNER), ("Cabang Bandung", Role.OWNER)}
    async with database.workspace(workspace.id) as tx2:
        changed = await update_workspace(tx2, workspace.owner, name="Toko Sinar Jaya")
    assert (changed.name, changed.timezone, made.timezone) == ("Toko Sinar Jaya", "Asia/Jakarta", "Asia/Makassar")
