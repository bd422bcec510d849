"""Invites: a link that makes one person, named by their e-mail, a member with a given role."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blazz.domains.audit import record
from blazz.domains.identity import (
    OpenSession,
    SetupClosed,
    create_user,
    forget_tokens,
    make_one_time_token,
    read_one_time_token,
    use_one_time_token,
)
from blazz.domains.workspaces.events import MemberChanged
from blazz.domains.workspaces.roles import Role
from blazz.domains.workspaces.service import require_may_grant
from blazz.domains.workspaces.store import SQL
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import SystemTx, WorkspaceTx
from blazz.kernel.errors import Conflict, FieldProblem, InvalidInput, Message, NotFound
from blazz.kernel.ids import new_uuid7

# As long as the link itself lives (see identity).
_DAYS = 7


class AlreadyMember(Conflict):
    """The person is in the workspace already."""

    code = "already_member"
    message = Message(en="{email} is a member already.", id="{email} sudah menjadi anggota.")


class OtherPerson(Conflict):
    """Somebody else is signed in than the one who was invited."""

    code = "invite_for_other_person"
    message = Message(
        en="This invite is for {email}; sign in as that person.",
        id="Undangan ini untuk {email}; masuk sebagai orang itu.",
    )


class SignInNeeded(Conflict):
    """The person invited has an account: they must sign in before they accept."""

    code = "sign_in_needed"
    message = Message(
        en="{email} has an account already. Sign in, then open the invite again.",
        id="{email} sudah punya akun. Masuk dulu, lalu buka undangannya lagi.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """An invite that nobody has accepted yet."""

    id: UUID
    email: str
    role: Role
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvite:
    """What a link leads to, for the person who holds it."""

    workspace_id: int
    workspace_name: str
    invite_id: UUID
    email: str
    role: Role
    has_account: bool


async def create_invite(tx: WorkspaceTx, actor: Actor, email: str, role: Role, now: datetime) -> tuple[Invite, str]:
    """Invite a person; answer the invite and its link's token, shown once. An earlier open invite is replaced.

    Raises:
        PermissionDenied: only owners invite owners.
        AlreadyMember: they are in.
        InvalidInput: the e-mail is malformed.

    """
    actor.require(Permission.MEMBERS_MANAGE)
    require_may_grant(actor, role)
    address = email.strip().lower()
    if "@" not in address[1:-1] or len(address) > 254 or any(char.isspace() for char in address):
        text = Message(en="This is not an e-mail address.", id="Ini bukan alamat email.")
        raise InvalidInput((FieldProblem(pointer="/email", code="invalid_email", message=text),))
    if await tx.fetchval(SQL["is_member"], tx.workspace_id, address):
        raise AlreadyMember(email=address)
    for row in await tx.fetch(SQL["revoke_open_invites"], tx.workspace_id, address, now):
        await forget_tokens(tx, "invite", invite_id=row["id"])
    invite_id = new_uuid7()
    made = await tx.fetchrow(
        SQL["insert_invite"], tx.workspace_id, invite_id, address, role.value, actor.user_id, now, _DAYS
    )
    assert made is not None
    token = await make_one_time_token(
        tx, "invite", now, email=address, workspace_id=tx.workspace_id, role=role.value, invite_id=invite_id
    )
    await record(tx, actor, "invite.created", str(invite_id), after={"email": address, "role": role.value})
    return _invite(dict(made)), token


async def list_invites(tx: WorkspaceTx, actor: Actor, now: datetime) -> list[Invite]:
    """List the invites that can still be accepted, newest first."""
    actor.require(Permission.MEMBERS_READ)
    return [_invite(dict(row)) for row in await tx.fetch(SQL["list_invites"], tx.workspace_id, now)]


async def revoke_invite(tx: WorkspaceTx, actor: Actor, invite_id: UUID, now: datetime) -> None:
    """Take an invite back; its link stops working at once.

    Raises:
        NotFound: no such open invite.

    """
    actor.require(Permission.MEMBERS_MANAGE)
    email = await tx.fetchval(SQL["revoke_invite"], tx.workspace_id, invite_id, now)
    if email is None:
        raise NotFound
    await forget_tokens(tx, "invite", invite_id=invite_id)
    await record(tx, actor, "invite.revoked", str(invite_id), before={"email": email})


async def find_invite(tx: SystemTx, token: str, now: datetime) -> OpenInvite:
    """Tell what a link leads to.

    Raises:
        SetupClosed: it was used, revoked, is too old, or never was a link.

    """
    used = await read_one_time_token(tx, "invite", token, now)
    row = await tx.fetchrow(SQL["open_invite"], used.workspace_id, used.invite_id, now)
    if row is None:
        raise SetupClosed
    return OpenInvite(**{**dict(row), "role": Role(row["role"])})


async def accept_invite(
    tx: WorkspaceTx,
    invite: OpenInvite,
    token: str,
    now: datetime,
    *,
    session: OpenSession | None,
    name: str = "",
    password: str = "",
) -> UUID:
    """Make the person a member; somebody new gets an account with the name and password they chose.

    Raises:
        SetupClosed: the link was used meanwhile.
        OtherPerson: somebody else is signed in.
        SignInNeeded: the person has an account and is not signed in.
        InvalidInput: the name or the password of a new account is not valid; the link stays good.

    """
    await use_one_time_token(tx, "invite", token, now)
    if session is not None and session.user.email != invite.email:
        raise OtherPerson(email=invite.email)
    if session is None and invite.has_account:
        raise SignInNeeded(email=invite.email)
    if session is not None:
        user_id = session.user.id
    else:
        user_id = await create_user(tx, email=invite.email, name=name, password=password)
    await tx.fetchval(SQL["insert_member"], tx.workspace_id, user_id, invite.role.value)
    await tx.execute(SQL["accept_invite"], tx.workspace_id, invite.invite_id, user_id, now)
    actor = Actor(kind="user", workspace_id=tx.workspace_id, permissions=frozenset(), user_id=user_id)
    await record(tx, actor, "member.joined", str(user_id), after={"role": invite.role.value})
    tx.publish(MemberChanged(workspace_id=tx.workspace_id, user_id=user_id, role=invite.role.value))
    return user_id


def _invite(row: dict[str, object]) -> Invite:
    return Invite(**{**row, "role": Role(str(row["role"]))})  # type: ignore[arg-type] # columns are named as fields
