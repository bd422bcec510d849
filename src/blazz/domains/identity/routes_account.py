"""HTTP for a person's own account."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from blazz.domains.identity import account
from blazz.domains.identity.access import require_session, set_session_cookie
from blazz.domains.identity.schemas import LinkToken, SessionOut
from blazz.domains.identity.service import limit_attempts, open_session
from blazz.kernel.http import parse_id
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime

router = APIRouter()
_Password = Annotated[SecretStr, Field(max_length=200)]


class AccountPatch(BaseModel):
    """Details to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    locale: Literal["id", "en"] | None = None


class AccountOut(BaseModel):
    """A person's own details."""

    user_id: str
    email: str
    name: str
    locale: str


class PasswordIn(BaseModel):
    """The password used now, and the one to use from now on."""

    model_config = ConfigDict(extra="forbid")
    current_password: _Password
    new_password: _Password


class ResetIn(BaseModel):
    """The token of a reset link, and the new password."""

    model_config = ConfigDict(extra="forbid")
    token: LinkToken
    password: _Password


class PlaceOut(BaseModel):
    """One place where the person is signed in."""

    id: str
    user_agent: str
    ip: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_current: bool


@router.patch("/me", operation_id="update_me", summary="Change one's own name or language")
async def update_me(request: Request, body: AccountPatch) -> AccountOut:
    """Change what others see of the person, or the language they are spoken to in."""
    runtime: Runtime = request.app.state.runtime
    signed_in = await require_session(request)
    async with runtime.database.system() as tx:
        user = await account.update_account(tx, signed_in.session.user, **body.model_dump())
    return AccountOut(user_id=encode_id("usr", user.id), email=user.email, name=user.name, locale=user.locale)


@router.post("/password", operation_id="change_password", status_code=204, summary="Change one's own password")
async def change_password(request: Request, body: PasswordIn) -> None:
    """Change the password; every other session ends."""
    runtime: Runtime = request.app.state.runtime
    signed_in = await require_session(request)
    user, now = signed_in.session.user, runtime.clock.now()
    # A stolen session must not be a way to guess the password; the attempt stays counted when the change is refused.
    async with runtime.database.system() as tx:
        await limit_attempts(tx, user.email, request.client.host if request.client else "", now)
    async with runtime.database.system() as tx:
        await account.change_password(
            tx,
            user,
            signed_in.token,
            current=body.current_password.get_secret_value(),
            new=body.new_password.get_secret_value(),
        )


@router.post("/reset", operation_id="reset_password", summary="Set a new password with a link that works once")
async def reset_password(request: Request, response: Response, body: ResetIn) -> SessionOut:
    """Set a new password, end every session and open a fresh one."""
    runtime: Runtime = request.app.state.runtime
    now, ip = runtime.clock.now(), request.client.host if request.client else ""
    async with runtime.database.system() as tx:
        user = await account.use_reset_link(tx, body.token, body.password.get_secret_value(), now)
        token, csrf = await open_session(tx, user.id, now, user_agent=request.headers.get("user-agent", ""), ip=ip)
    set_session_cookie(runtime, response, token)
    return SessionOut(user_id=encode_id("usr", user.id), email=user.email, name=user.name, csrf_token=csrf)


@router.get("/sessions", operation_id="list_sessions", summary="Where one is signed in")
async def list_sessions(request: Request) -> list[PlaceOut]:
    """List one's own sessions, the most recently used first."""
    runtime: Runtime = request.app.state.runtime
    signed_in = await require_session(request)
    async with runtime.database.system() as tx:
        found = await account.list_sessions(tx, signed_in.session.user.id, signed_in.token, runtime.clock.now())
    return [
        PlaceOut(
            id=encode_id("ses", one.id),
            user_agent=one.user_agent,
            ip=one.ip,
            created_at=one.created_at,
            seen_at=one.seen_at,
            expires_at=one.expires_at,
            is_current=one.is_current,
        )
        for one in found
    ]


@router.delete("/sessions/{session}", operation_id="end_session", status_code=204, summary="Sign out of one place")
async def end_session(request: Request, session: str) -> None:
    """End one of one's own sessions."""
    runtime: Runtime = request.app.state.runtime
    signed_in = await require_session(request)
    wanted = parse_id("ses", session)
    async with runtime.database.system() as tx:
        await account.end_one_session(tx, signed_in.session.user.id, wanted)


@router.delete("/sessions", operation_id="end_other_sessions", status_code=204, summary="Sign out everywhere else")
async def end_other_sessions(request: Request) -> None:
    """End every session but the one that asks."""
    runtime: Runtime = request.app.state.runtime
    signed_in = await require_session(request)
    async with runtime.database.system() as tx:
        await account.end_other_sessions(tx, signed_in.session.user.id, signed_in.token)
