"""Workspaces and their members."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import available_timezones

from blazz.domains.audit import record
from blazz.domains.workspaces.events import MemberChanged, WorkspaceCreated
from blazz.domains.workspaces.roles import Role
from blazz.domains.workspaces.store import SQL
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import SystemTx, WorkspaceTx
from blazz.kernel.errors import Conflict, FieldProblem, InvalidInput, Message, NotFound, PermissionDenied
from blazz.kernel.ids import new_uuid7


class LastOwner(Conflict):
    """A workspace always keeps an owner."""

    code = "last_owner"
    message = Message(en="A workspace needs at least one owner.", id="Ruang kerja harus punya minimal satu pemilik.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A tenant."""

    id: int
    public_id: UUID
    name: str
    country: str
    timezone: str
    locale: str
    plan_id: str
    subscription_status: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in a workspace."""

    user_id: UUID
    name: str
    email: str
    role: Role
    created_at: datetime


async def create_workspace(
    tx: SystemTx,
    owner_id: UUID,
    name: str,
    *,
    country: str = "ID",
    timezone: str = "Asia/Jakarta",
    locale: str = "id",
    plan_id: str = "self_hosted",
) -> Workspace:
    """Create a workspace and make a person its owner.

    Raises:
        InvalidInput: the name, country or time zone is not valid.

    """
    _check(name, country, timezone)
    made = await tx.fetchval(SQL["insert_workspace"], new_uuid7(), name.strip(), country, timezone, locale, plan_id)
    await tx.execute(SQL["insert_member"], made, owner_id, Role.OWNER.value)
    tx.publish(WorkspaceCreated(workspace_id=made))
    row = await tx.fetchrow(SQL["get_workspace"], made)
    assert row is not None
    return Workspace(**dict(row))


def _check(name: str | None, country: str | None, timezone: str | None) -> None:
    problems = []
    if name is not None and not 1 <= len(name.strip()) <= 100:
        problems.append(("/name", "invalid_name", "Use 1 to 100 characters.", "Gunakan 1 sampai 100 karakter."))
    if country is not None and not (len(country) == 2 and country.isascii() and country.isupper()):
        problems.append(
            ("/country", "invalid_country", "Use a two-letter country code.", "Gunakan kode negara dua huruf.")
        )
    if timezone is not None and not _is_timezone(timezone):
        problems.append(("/timezone", "invalid_timezone", "This is not a time zone.", "Ini bukan zona waktu."))
    if problems:
        raise InvalidInput(
            tuple(FieldProblem(pointer=one[0], code=one[1], message=Message(en=one[2], id=one[3])) for one in problems)
        )


def _is_timezone(name: str) -> bool:
    # The database of zones also holds files that are no place, such as Factory and localtime.
    return name == "UTC" or ("/" in name and name in available_timezones())


async def list_workspace_ids(tx: SystemTx) -> list[int]:
    """List every workspace that is not deleted, for work of the system across all of them."""
    return [row["id"] for row in await tx.fetch(SQL["workspace_ids"])]


async def list_user_workspaces(tx: SystemTx, user_id: UUID) -> list[tuple[Workspace, Role]]:
    """List a person's workspaces with their role in each."""
    found = []
    for row in await tx.fetch(SQL["user_workspaces"], user_id):
        fields = dict(row)
        role = Role(fields.pop("role"))
        found.append((Workspace(**fields), role))
    return found


async def get_workspace(tx: WorkspaceTx, actor: Actor) -> Workspace:
    """Read the workspace itself."""
    actor.require(Permission.WORKSPACE_READ)
    row = await tx.fetchrow(SQL["get_workspace"], tx.workspace_id)
    if row is None:
        raise NotFound
    return Workspace(**dict(row))


async def update_workspace(
    tx: WorkspaceTx,
    actor: Actor,
    *,
    name: str | None = None,
    country: str | None = None,
    timezone: str | None = None,
    locale: str | None = None,
) -> Workspace:
    """Change the workspace's own settings; None leaves a setting alone."""
    actor.require(Permission.WORKSPACE_UPDATE)
    _check(name, country, timezone)
    await tx.execute(SQL["update_workspace"], tx.workspace_id, name and name.strip(), country, timezone, locale)
    await record(tx, actor, "workspace.updated", after={"name": name, "country": country, "timezone": timezone})
    return await get_workspace(tx, actor)


async def list_members(tx: WorkspaceTx, actor: Actor) -> list[Member]:
    """List the people of the workspace."""
    actor.require(Permission.MEMBERS_READ)
    rows = await tx.fetch(SQL["list_members"], tx.workspace_id)
    return [Member(**{**dict(row), "role": Role(row["role"])}) for row in rows]


async def add_member(tx: WorkspaceTx, actor: Actor, user_id: UUID, role: Role) -> None:
    """Add a person.

    Raises:
        Conflict: they are a member already.

    """
    actor.require(Permission.MEMBERS_MANAGE)
    require_may_grant(actor, role)
    if await tx.fetchval(SQL["insert_member"], tx.workspace_id, user_id, role.value) is None:
        raise Conflict
    await record(tx, actor, "member.added", str(user_id), after={"role": role.value})
    tx.publish(MemberChanged(workspace_id=tx.workspace_id, user_id=user_id, role=role.value))


def require_may_grant(actor: Actor, role: Role) -> None:
    """Refuse to make somebody an owner unless the actor is one.

    Raises:
        PermissionDenied: the actor is no owner.

    """
    if role is Role.OWNER and actor.role != Role.OWNER:
        raise PermissionDenied(permission="members:grant_owner")


async def change_role(tx: WorkspaceTx, actor: Actor, user_id: UUID, role: Role) -> None:
    """Give a member another role; only owners touch owners, and one owner always remains."""
    actor.require(Permission.MEMBERS_MANAGE)
    before = await _lock_member(tx, actor, user_id, keeps_owner=role is Role.OWNER)
    require_may_grant(actor, role)
    await tx.execute(SQL["update_role"], tx.workspace_id, user_id, role.value)
    await record(tx, actor, "member.role_changed", str(user_id), before={"role": before}, after={"role": role.value})
    tx.publish(MemberChanged(workspace_id=tx.workspace_id, user_id=user_id, role=role.value))


async def remove_member(tx: WorkspaceTx, actor: Actor, user_id: UUID) -> None:
    """Remove a member; their rights end with the next request."""
    actor.require(Permission.MEMBERS_MANAGE)
    before = await _lock_member(tx, actor, user_id, keeps_owner=False)
    await tx.execute(SQL["delete_member"], tx.workspace_id, user_id)
    await record(tx, actor, "member.removed", str(user_id), before={"role": before})
    tx.publish(MemberChanged(workspace_id=tx.workspace_id, user_id=user_id, role=None))


async def leave_workspace(tx: WorkspaceTx, actor: Actor) -> None:
    """Leave the workspace oneself.

    Raises:
        NotFound: the actor is no person.
        LastOwner: nobody else owns it.

    """
    actor.require(Permission.WORKSPACE_READ)
    if actor.user_id is None:
        raise NotFound
    before = await _lock_member(tx, actor, actor.user_id, keeps_owner=False)
    await tx.execute(SQL["delete_member"], tx.workspace_id, actor.user_id)
    await record(tx, actor, "member.left", str(actor.user_id), before={"role": before})
    tx.publish(MemberChanged(workspace_id=tx.workspace_id, user_id=actor.user_id, role=None))


async def _lock_member(tx: WorkspaceTx, actor: Actor, user_id: UUID, *, keeps_owner: bool) -> str:
    rows = {row["user_id"]: row["role"] for row in await tx.fetch(SQL["lock_members"], tx.workspace_id, user_id)}
    if user_id not in rows:
        raise NotFound
    is_owner = rows[user_id] == Role.OWNER
    if is_owner and actor.role != Role.OWNER:
        raise PermissionDenied(permission="members:change_owner")
    if is_owner and not keeps_owner and list(rows.values()).count(Role.OWNER) == 1:
        raise LastOwner
    return str(rows[user_id])
