"""HTTP for workspaces, members and keys."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from blazz.domains.identity import require_session
from blazz.domains.workspaces import keys, service
from blazz.domains.workspaces.roles import ROLE_PERMISSIONS, Role
from blazz.domains.workspaces.routes_people import auth_router
from blazz.domains.workspaces.routes_people import router as invites_router
from blazz.kernel.actor import Permission
from blazz.kernel.http import WorkspaceRoute, WorkspaceScope, parse_id
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime

__all__ = ["auth_router", "root_router", "router"]

router = APIRouter(route_class=WorkspaceRoute, tags=["workspace"])
router.include_router(invites_router)
root_router = APIRouter(route_class=WorkspaceRoute, prefix="/workspaces", tags=["workspace"])
_Name = Annotated[str, Field(min_length=1, max_length=100)]


class WorkspaceOut(BaseModel):
    """A workspace."""

    id: str
    name: str
    country: str
    timezone: str
    locale: str
    plan: str
    subscription_status: str
    created_at: datetime


class OwnWorkspaceOut(WorkspaceOut):
    """A workspace with what the person may do in it."""

    role: str
    permissions: list[str]


class WorkspacePatch(BaseModel):
    """Settings to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")
    name: _Name | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    timezone: Annotated[str, Field(max_length=64)] | None = None
    locale: Annotated[str, Field(pattern="^(id|en)$")] | None = None


class WorkspaceIn(BaseModel):
    """A workspace to create."""

    model_config = ConfigDict(extra="forbid")
    name: _Name
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "ID"
    timezone: Annotated[str, Field(max_length=64)] = "Asia/Jakarta"
    locale: Annotated[str, Field(pattern="^(id|en)$")] = "id"


class MemberOut(BaseModel):
    """A person in the workspace."""

    user_id: str
    name: str
    email: str
    role: str
    created_at: datetime


class RoleIn(BaseModel):
    """A member's new role."""

    model_config = ConfigDict(extra="forbid")
    role: Role


class KeyIn(BaseModel):
    """A key to create."""

    model_config = ConfigDict(extra="forbid")
    name: _Name
    scopes: list[Permission] = Field(min_length=1, max_length=50)
    is_test: bool = False
    expires_at: AwareDatetime | None = None


class KeyOut(BaseModel):
    """A key as lists show it."""

    id: str
    name: str
    hint: str
    is_test: bool
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


class NewKeyOut(BaseModel):
    """A fresh key; ``secret`` is shown this once."""

    id: str
    secret: str


def _shape(workspace: service.Workspace) -> dict[str, object]:
    return {
        "id": encode_id("wsp", workspace.public_id),
        "name": workspace.name,
        "country": workspace.country,
        "timezone": workspace.timezone,
        "locale": workspace.locale,
        "plan": workspace.plan_id,
        "subscription_status": workspace.subscription_status,
        "created_at": workspace.created_at,
    }


@root_router.get("", operation_id="list_workspaces", summary="The workspaces of the person who is signed in")
async def list_workspaces(request: Request) -> list[OwnWorkspaceOut]:
    """List a person's workspaces with role and permissions."""
    runtime: Runtime = request.app.state.runtime
    user = (await require_session(request)).session.user
    async with runtime.database.system() as tx:
        found = await service.list_user_workspaces(tx, user.id)
    return [
        OwnWorkspaceOut.model_validate(
            {**_shape(workspace), "role": role.value, "permissions": sorted(ROLE_PERMISSIONS[role])}
        )
        for workspace, role in found
    ]


@root_router.post("", operation_id="create_workspace", status_code=201, summary="Create another workspace")
async def create_workspace(request: Request, body: WorkspaceIn) -> OwnWorkspaceOut:
    """Create a workspace whose owner is the person who is signed in."""
    runtime: Runtime = request.app.state.runtime
    user = (await require_session(request)).session.user
    async with runtime.database.system() as tx:
        made = await service.create_workspace(tx, user.id, **body.model_dump())
    return OwnWorkspaceOut.model_validate(
        {**_shape(made), "role": Role.OWNER.value, "permissions": sorted(ROLE_PERMISSIONS[Role.OWNER])}
    )


@router.get("", operation_id="get_workspace", summary="The workspace itself")
async def get_workspace(scope: WorkspaceScope) -> WorkspaceOut:
    """Read the workspace."""
    return WorkspaceOut.model_validate(_shape(await service.get_workspace(scope.tx, scope.actor)))


@router.patch("", operation_id="update_workspace", summary="Change the workspace's settings")
async def update_workspace(scope: WorkspaceScope, body: WorkspacePatch) -> WorkspaceOut:
    """Change name, country, time zone or language."""
    changed = await service.update_workspace(scope.tx, scope.actor, **body.model_dump())
    return WorkspaceOut.model_validate(_shape(changed))


@router.get("/members", operation_id="list_members", summary="The people of the workspace")
async def list_members(scope: WorkspaceScope) -> list[MemberOut]:
    """List members by name."""
    return [
        MemberOut(
            user_id=encode_id("usr", one.user_id),
            name=one.name,
            email=one.email,
            role=one.role.value,
            created_at=one.created_at,
        )
        for one in await service.list_members(scope.tx, scope.actor)
    ]


@router.put("/members/{user}", operation_id="change_role", status_code=204, summary="Give a member another role")
async def change_role(scope: WorkspaceScope, user: str, body: RoleIn) -> None:
    """Change a member's role; it counts from the next request on."""
    await service.change_role(scope.tx, scope.actor, parse_id("usr", user), body.role)


@router.delete("/members/{user}", operation_id="remove_member", status_code=204, summary="Remove a member")
async def remove_member(scope: WorkspaceScope, user: str) -> None:
    """Remove a person from the workspace."""
    await service.remove_member(scope.tx, scope.actor, parse_id("usr", user))


@router.get("/keys", operation_id="list_keys", summary="API keys")
async def list_keys(scope: WorkspaceScope) -> list[KeyOut]:
    """List keys, newest first, without their secrets."""
    return [
        KeyOut(
            id=encode_id("key", one.id),
            name=one.name,
            hint=one.hint,
            is_test=one.is_test,
            scopes=one.scopes,
            created_at=one.created_at,
            expires_at=one.expires_at,
            used_at=one.used_at,
            revoked_at=one.revoked_at,
        )
        for one in await keys.list_keys(scope.tx, scope.actor)
    ]


@router.post("/keys", operation_id="create_key", status_code=201, summary="Create an API key")
async def create_key(scope: WorkspaceScope, body: KeyIn) -> NewKeyOut:
    """Create a key; its secret is in this answer only."""
    made = await keys.create_key(
        scope.tx, scope.actor, body.name, body.scopes, is_test=body.is_test, expires_at=body.expires_at
    )
    return NewKeyOut(id=encode_id("key", made.id), secret=made.secret)


@router.delete("/keys/{key}", operation_id="revoke_key", status_code=204, summary="Revoke an API key")
async def revoke_key(scope: WorkspaceScope, key: str) -> None:
    """Revoke a key at once."""
    await keys.revoke_key(scope.tx, scope.actor, parse_id("key", key))
