"""HTTP for signing in and out; mounted outside any workspace."""

import contextlib
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from blazz.domains.identity import service
from blazz.domains.identity.access import require_session, session_cookie, set_session_cookie
from blazz.domains.identity.routes_account import router as account_router
from blazz.domains.identity.schemas import SessionOut
from blazz.kernel.errors import Unauthenticated
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime

router = APIRouter(prefix="/auth", tags=["auth"])
router.include_router(account_router)
_Text = Annotated[str, Field(min_length=1, max_length=300)]


class LoginIn(BaseModel):
    """An e-mail and a password."""

    model_config = ConfigDict(extra="forbid")
    email: _Text
    password: SecretStr = Field(max_length=200)


class LinkIn(BaseModel):
    """The token of a one-time sign-in link."""

    model_config = ConfigDict(extra="forbid")
    token: _Text


@router.post("/login", operation_id="login", summary="Sign in with e-mail and password")
async def login(request: Request, response: Response, body: LoginIn) -> SessionOut:
    """Open a session; wrong e-mail and wrong password look the same."""
    runtime: Runtime = request.app.state.runtime
    now, ip = runtime.clock.now(), request.client.host if request.client else ""
    email = body.email.strip().lower()
    # A transaction of its own: a refused sign-in rolls back, but the attempt must stay counted.
    async with runtime.database.system() as tx:
        await service.limit_attempts(tx, email, ip, now)
    async with runtime.database.system() as tx:
        user = await service.sign_in(tx, email=email, password=body.password.get_secret_value())
        token, csrf = await service.open_session(
            tx, user.id, now, user_agent=request.headers.get("user-agent", ""), ip=ip
        )
    set_session_cookie(runtime, response, token)
    return SessionOut(user_id=encode_id("usr", user.id), email=user.email, name=user.name, csrf_token=csrf)


@router.post("/sign-in-link", operation_id="use_sign_in_link", summary="Sign in with a one-time link")
async def use_sign_in_link(request: Request, response: Response, body: LinkIn) -> SessionOut:
    """Open a session with a link that works once."""
    runtime: Runtime = request.app.state.runtime
    now = runtime.clock.now()
    async with runtime.database.system() as tx:
        used = await service.use_one_time_token(tx, "sign_in", body.token, now)
        user = await service.get_user(tx, used.user_id)
        token, csrf = await service.open_session(tx, user.id, now, user_agent=request.headers.get("user-agent", ""))
    set_session_cookie(runtime, response, token)
    return SessionOut(user_id=encode_id("usr", user.id), email=user.email, name=user.name, csrf_token=csrf)


@router.post("/logout", operation_id="logout", status_code=204, summary="Sign out")
async def logout(request: Request, response: Response) -> None:
    """End the session of the cookie; one that has ended already is only forgotten."""
    runtime: Runtime = request.app.state.runtime
    # Another site could otherwise sign people out, to have them type their password in at a bad moment.
    with contextlib.suppress(Unauthenticated):
        signed_in = await require_session(request)
        async with runtime.database.system() as tx:
            await service.end_session(tx, signed_in.token)
    response.delete_cookie(session_cookie(runtime), path="/")


class MeOut(BaseModel):
    """The person who is signed in."""

    user_id: str
    email: str
    name: str
    locale: str
    csrf_token: str


@router.get("/me", operation_id="get_me", summary="Who is signed in")
async def get_me(request: Request) -> MeOut:
    """Read the person behind the session cookie."""
    session = (await require_session(request)).session
    user = session.user
    return MeOut(
        user_id=encode_id("usr", user.id),
        email=user.email,
        name=user.name,
        locale=user.locale,
        csrf_token=session.csrf_token,
    )
