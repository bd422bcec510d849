"""A person's own account: their details, their password, and where they are signed in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blazz.domains.identity.service import User, end_all_sessions, get_user, use_one_time_token
from blazz.kernel.db import SystemTx, load_queries
from blazz.kernel.errors import FieldProblem, InvalidInput, Message, NotFound
from blazz.kernel.security import digest_token, hash_password, password_problem, verify_password

SQL = load_queries(__package__, "account.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One place where a person is signed in; ``is_current`` marks the one that asks."""

    id: UUID
    user_agent: str
    ip: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_current: bool


def session_id(token: str) -> UUID:
    """Return the public id of a session: half of its token's digest, from which no token can be found."""
    return UUID(bytes=digest_token(token)[:16])


async def list_sessions(tx: SystemTx, user_id: UUID, token: str, now: datetime) -> list[Session]:
    """List where a person is signed in, the most recently used first."""
    own = session_id(token)
    return [
        Session(**{**dict(row), "is_current": row["id"] == own})
        for row in await tx.fetch(SQL["list_sessions"], user_id, now)
    ]


async def end_one_session(tx: SystemTx, user_id: UUID, wanted: UUID) -> None:
    """Sign a person out of one place.

    Raises:
        NotFound: no such session of this person.

    """
    if await tx.fetchval(SQL["end_session"], user_id, wanted.bytes) is None:
        raise NotFound


async def end_other_sessions(tx: SystemTx, user_id: UUID, token: str) -> int:
    """Sign a person out everywhere else; return from how many places."""
    return len(await tx.fetch(SQL["end_other_sessions"], user_id, digest_token(token)))


async def change_password(tx: SystemTx, user: User, token: str, *, current: str, new: str) -> None:
    """Change a person's password and sign them out everywhere else.

    Raises:
        InvalidInput: the current password is wrong, or the new one is too weak or the same.

    """
    held = await tx.fetchval(SQL["password_of"], user.id)
    if not verify_password(held, current):
        raise InvalidInput((_problem("/current_password", "wrong_password", _WRONG),))
    if current == new:
        raise InvalidInput((_problem("/new_password", "same_password", _SAME),))
    await _set_password(tx, user, new, pointer="/new_password")
    await end_other_sessions(tx, user.id, token)


async def use_reset_link(tx: SystemTx, link_token: str, password: str, now: datetime) -> User:
    """Give a person a new password by a link that works once, and sign them out everywhere.

    Raises:
        SetupClosed: the link was used, is too old, or never was one.
        InvalidInput: the password is too weak; the link stays good.

    """
    used = await use_one_time_token(tx, "reset", link_token, now)
    user = await get_user(tx, used.user_id)
    await _set_password(tx, user, password, pointer="/password")
    await end_all_sessions(tx, user.id)
    return user


async def update_account(tx: SystemTx, user: User, *, name: str | None, locale: str | None) -> User:
    """Change a person's name or language; None leaves it alone.

    Raises:
        InvalidInput: the name is empty or too long.

    """
    if name is not None and not 1 <= len(name.strip()) <= 100:
        raise InvalidInput((_problem("/name", "invalid_name", _NAME),))
    await tx.execute(SQL["update_user"], user.id, name and name.strip(), locale)
    return await get_user(tx, user.id)


_WRONG = Message(en="This is not your current password.", id="Ini bukan kata sandi Anda saat ini.")
_SAME = Message(en="Choose a password you do not use now.", id="Pilih kata sandi yang berbeda dari sekarang.")
_NAME = Message(en="Use 1 to 100 characters.", id="Gunakan 1 sampai 100 karakter.")


async def _set_password(tx: SystemTx, user: User, password: str, *, pointer: str) -> None:
    weakness = password_problem(password, user.email, user.name)
    if weakness is not None:
        raise InvalidInput((_problem(pointer, "weak_password", weakness),))
    await tx.execute(SQL["set_own_password"], user.id, hash_password(password))


def _problem(pointer: str, code: str, message: Message) -> FieldProblem:
    return FieldProblem(pointer=pointer, code=code, message=message)
