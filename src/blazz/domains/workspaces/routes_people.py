"""HTTP for how people come into an instance and a workspace: the setup link and invites."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from blazz.domains.identity import (
    LinkToken,
    SessionOut,
    SignedIn,
    get_user,
    limit_attempts,
    needs_setup,
    open_session,
    require_session,
    session_cookie,
    set_session_cookie,
)
from blazz.domains.workspaces import invites, service, setup
from blazz.domains.workspaces.access import authenticate
from blazz.domains.workspaces.roles import Role
from blazz.kernel.http import WorkspaceRoute, WorkspaceScope, parse_id
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime

auth_router = APIRouter(prefix="/auth", tags=["auth"])
router = APIRouter(route_class=WorkspaceRoute, prefix="/invites")
_Email = Annotated[str, Field(min_length=3, max_length=254)]
_Name = Annotated[str, Field(min_length=1, max_length=100)]
_Password = Annotated[SecretStr, Field(max_length=200)]


class SetupOut(BaseModel):
    """Whether the instance still waits for its first person."""

    is_needed: bool


class SetupIn(BaseModel):
    """The setup link's token, the first person, and their workspace."""

    model_config = ConfigDict(extra="forbid")
    token: LinkToken
    email: _Email
    name: _Name
    password: _Password
    workspace_name: _Name
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "ID"
    timezone: Annotated[str, Field(max_length=64)] = "Asia/Jakarta"
    locale: Literal["id", "en"] = "id"


class SetupDoneOut(SessionOut):
    """A fresh session and the first workspace."""

    workspace_id: str


class InviteIn(BaseModel):
    """Whom to invite, as what."""

    model_config = ConfigDict(extra="forbid")
    email: _Email
    role: Role


class InviteOut(BaseModel):
    """An invite nobody has accepted yet."""

    id: str
    email: str
    role: str
    created_at: datetime
    expires_at: datetime


class NewInviteOut(InviteOut):
    """A fresh invite; ``token`` is in this answer only, to be handed to the person invited."""

    token: str


class LinkIn(BaseModel):
    """The token of an invite's link."""

    model_config = ConfigDict(extra="forbid")
    token: LinkToken


class AcceptIn(LinkIn):
    """The token, and for somebody new the name and password of their account."""

    name: Annotated[str, Field(max_length=100)] = ""
    password: _Password = SecretStr("")


class OpenInviteOut(BaseModel):
    """What an invite leads to."""

    workspace_name: str
    email: str
    role: str
    has_account: bool


@auth_router.get("/setup", operation_id="get_setup", summary="Whether the instance waits for its first person")
async def get_setup(request: Request) -> SetupOut:
    """Tell whether the setup link is still to be used."""
    runtime: Runtime = request.app.state.runtime
    async with runtime.database.system() as tx:
        return SetupOut(is_needed=await needs_setup(tx))


@auth_router.post("/setup", operation_id="set_up", status_code=201, summary="Create the first person and workspace")
async def set_up(request: Request, response: Response, body: SetupIn) -> SetupDoneOut:
    """Use the setup link, which `blazz up` shows while there is nobody; works once."""
    runtime: Runtime = request.app.state.runtime
    now, ip = runtime.clock.now(), _ip(request)
    async with runtime.database.system() as tx:
        await limit_attempts(tx, "setup", ip, now)
    first = setup.FirstPerson(
        password=body.password.get_secret_value(), **body.model_dump(exclude={"token", "password"})
    )
    async with runtime.database.system() as tx:
        user_id, workspace = await setup.set_up(tx, body.token, first, now)
        user = await get_user(tx, user_id)
        token, csrf = await open_session(tx, user_id, now, user_agent=request.headers.get("user-agent", ""), ip=ip)
    set_session_cookie(runtime, response, token)
    return SetupDoneOut(
        user_id=encode_id("usr", user_id),
        email=user.email,
        name=user.name,
        csrf_token=csrf,
        workspace_id=encode_id("wsp", workspace.public_id),
    )


@auth_router.post("/invites/look", operation_id="look_at_invite", summary="What an invite leads to")
async def look_at_invite(request: Request, body: LinkIn) -> OpenInviteOut:
    """Show the holder of a link whose workspace it is, and whether they need an account."""
    runtime: Runtime = request.app.state.runtime
    async with runtime.database.system() as tx:
        found = await invites.find_invite(tx, body.token, runtime.clock.now())
    return OpenInviteOut(
        workspace_name=found.workspace_name,
        email=found.email,
        role=found.role.value,
        has_account=found.has_account,
    )


@auth_router.post("/invites/accept", operation_id="accept_invite", summary="Join a workspace by an invite")
async def accept_invite(request: Request, response: Response, body: AcceptIn) -> SessionOut:
    """Become a member; somebody new gets an account and a session, others must be signed in as the one invited."""
    runtime: Runtime = request.app.state.runtime
    now = runtime.clock.now()
    signed_in: SignedIn | None = None
    if session_cookie(runtime) in request.cookies:
        signed_in = await require_session(request)
    async with runtime.database.system() as tx:
        found = await invites.find_invite(tx, body.token, now)
    async with runtime.database.workspace(found.workspace_id) as tx_workspace:
        user_id = await invites.accept_invite(
            tx_workspace,
            found,
            body.token,
            now,
            session=signed_in.session if signed_in else None,
            name=body.name,
            password=body.password.get_secret_value(),
        )
    async with runtime.database.system() as tx:
        user = await get_user(tx, user_id)
        if signed_in is None:
            agent = request.headers.get("user-agent", "")
            token, csrf = await open_session(tx, user_id, now, user_agent=agent, ip=_ip(request))
            set_session_cookie(runtime, response, token)
        else:
            csrf = signed_in.session.csrf_token
    return SessionOut(user_id=encode_id("usr", user.id), email=user.email, name=user.name, csrf_token=csrf)


@auth_router.delete(
    "/workspaces/{workspace}", operation_id="leave_workspace", status_code=204, summary="Leave a workspace"
)
async def leave_workspace(request: Request, workspace: str) -> None:
    """Leave a workspace oneself; the last owner must make somebody else an owner first."""
    runtime: Runtime = request.app.state.runtime
    actor = await authenticate(runtime, request, parse_id("wsp", workspace))
    async with runtime.database.workspace(actor.workspace_id) as tx:
        await service.leave_workspace(tx, actor)


@router.post("", operation_id="create_invite", status_code=201, summary="Invite a person")
async def create_invite(scope: WorkspaceScope, body: InviteIn) -> NewInviteOut:
    """Make an invite; hand its token to the person yourself. A second invite replaces the first."""
    now = scope.runtime.clock.now()
    made, token = await invites.create_invite(scope.tx, scope.actor, body.email, body.role, now)
    return NewInviteOut(**_shape(made).model_dump(), token=token)


@router.get("", operation_id="list_invites", summary="Open invites")
async def list_invites(scope: WorkspaceScope) -> list[InviteOut]:
    """List invites nobody has accepted yet, newest first."""
    found = await invites.list_invites(scope.tx, scope.actor, scope.runtime.clock.now())
    return [_shape(one) for one in found]


@router.delete("/{invite}", operation_id="revoke_invite", status_code=204, summary="Take an invite back")
async def revoke_invite(scope: WorkspaceScope, invite: str) -> None:
    """Make an invite's link worthless."""
    await invites.revoke_invite(scope.tx, scope.actor, parse_id("inv", invite), scope.runtime.clock.now())


def _shape(invite: invites.Invite) -> InviteOut:
    return InviteOut(
        id=encode_id("inv", invite.id),
        email=invite.email,
        role=invite.role.value,
        created_at=invite.created_at,
        expires_at=invite.expires_at,
    )


def _ip(request: Request) -> str:
    return request.client.host if request.client else ""
