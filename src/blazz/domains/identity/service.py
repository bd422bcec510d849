"""Signing in and out, and links that work once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg

from blazz.kernel.db import SystemTx, Tx, load_queries
from blazz.kernel.errors import Conflict, FieldProblem, InvalidInput, LimitReached, Message, Unauthenticated
from blazz.kernel.ids import new_uuid7
from blazz.kernel.security import digest_token, hash_password, new_token, password_problem, verify_password

SQL = load_queries(__package__)
_SESSION_LIFE = timedelta(days=7)
Purpose = Literal["setup", "sign_in", "invite", "reset"]
TOKEN_LIFE: dict[Purpose, timedelta] = {
    "setup": timedelta(days=7),
    "sign_in": timedelta(minutes=30),
    "invite": timedelta(days=7),
    "reset": timedelta(minutes=30),
}


class SignInFailed(Unauthenticated):
    """Unknown e-mail or wrong password; the two look the same."""

    code = "sign_in_failed"
    message = Message(en="The e-mail or the password is not right.", id="Email atau kata sandi tidak cocok.")


class TooManyAttempts(LimitReached):
    """Too many sign-in attempts from here or for this account."""

    code = "too_many_attempts"
    message = Message(en="Too many attempts. Wait a little.", id="Terlalu banyak percobaan. Tunggu sebentar.")


class SetupClosed(Conflict):
    """The instance already has its first person, or the link was used or is too old."""

    code = "link_not_valid"
    message = Message(
        en="This link was used already or is too old.", id="Tautan ini sudah dipakai atau sudah kedaluwarsa."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person."""

    id: UUID
    email: str
    name: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A live session; ``csrf_token`` must come back in a header with every change."""

    user: User
    csrf_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedToken:
    """What a one-time link was made for."""

    user_id: UUID | None
    email: str | None
    workspace_id: int | None
    role: str | None
    invite_id: UUID | None


async def needs_setup(tx: SystemTx) -> bool:
    """Tell whether the instance has no person yet."""
    return not await tx.fetchval(SQL["any_user"])


async def create_user(
    tx: Tx, *, email: str, name: str, password: str | None, locale: str = "id", is_operator: bool = False
) -> UUID:
    """Create a person; without a password they can only come in by a one-time link.

    Raises:
        InvalidInput: the e-mail is taken or malformed, or the password is too weak.

    """
    address = email.strip().lower()
    problems = []
    if "@" not in address[1:-1] or len(address) > 254 or any(char.isspace() for char in address):
        problems.append(
            _problem("/email", "invalid_email", "This is not an e-mail address.", "Ini bukan alamat email.")
        )
    if not 1 <= len(name.strip()) <= 100:
        problems.append(_problem("/name", "invalid_name", "Use 1 to 100 characters.", "Gunakan 1 sampai 100 karakter."))
    weakness = password_problem(password, address, name) if password is not None else None
    if weakness is not None:
        problems.append(FieldProblem(pointer="/password", code="weak_password", message=weakness))
    if problems:
        raise InvalidInput(tuple(problems))
    hashed = hash_password(password) if password is not None else None
    made = await tx.fetchval(SQL["insert_user"], new_uuid7(), address, name.strip(), hashed, locale, is_operator)
    if made is None:
        taken = _problem("/email", "email_taken", "This e-mail already has an account.", "Email ini sudah punya akun.")
        raise InvalidInput((taken,))
    return UUID(str(made))


def _problem(pointer: str, code: str, en: str, indonesian: str) -> FieldProblem:
    return FieldProblem(pointer=pointer, code=code, message=Message(en=en, id=indonesian))


async def limit_attempts(tx: SystemTx, email: str, ip: str, now: datetime) -> None:
    """Count an attempt: 5 in 20 s from one address, 20 in 5 min for one account; never a permanent lock-out.

    Raises:
        TooManyAttempts: come back later.

    """
    for bucket, burst, per_second in ((f"login:ip:{ip}", 5, 5 / 20), (f"login:account:{email}", 20, 20 / 300)):
        if await tx.fetchval(SQL["take_tokens"], bucket[:200], float(burst), per_second, now) is None:
            raise TooManyAttempts(retry_after_seconds=round(1 / per_second))


async def sign_in(tx: SystemTx, *, email: str, password: str) -> User:
    """Check an e-mail and a password.

    Raises:
        SignInFailed: whichever of the two is wrong; unknown accounts cost the same time.

    """
    row = await tx.fetchrow(SQL["user_by_email"], email.strip().lower())
    usable = row is not None and row["disabled_at"] is None
    if not verify_password(row["password_hash"] if row and usable else None, password) or row is None:
        raise SignInFailed
    return User(id=row["id"], email=row["email"], name=row["name"], locale=row["locale"])


async def open_session(tx: Tx, user_id: UUID, now: datetime, *, user_agent: str = "", ip: str = "") -> tuple[str, str]:
    """Open a session; answer its token, shown once, and its CSRF token."""
    token, csrf = new_token(), new_token()
    await tx.execute(
        SQL["insert_session"], digest_token(token), user_id, csrf, user_agent[:300], ip[:45], now + _SESSION_LIFE
    )
    return token, csrf


async def find_session(tx: SystemTx, token: str, now: datetime) -> OpenSession | None:
    """Find the live session of a token."""
    row = await tx.fetchrow(SQL["find_session"], digest_token(token), now)
    if row is None:
        return None
    user = User(id=row["id"], email=row["email"], name=row["name"], locale=row["locale"])
    return OpenSession(user=user, csrf_token=row["csrf_token"])


async def end_session(tx: SystemTx, token: str) -> None:
    """Sign out of one session."""
    await tx.execute(SQL["delete_session"], digest_token(token))


async def end_all_sessions(tx: SystemTx, user_id: UUID) -> None:
    """Sign a person out everywhere."""
    await tx.execute(SQL["delete_sessions"], user_id)


async def make_one_time_token(
    tx: Tx,
    purpose: Purpose,
    now: datetime,
    *,
    user_id: UUID | None = None,
    email: str | None = None,
    workspace_id: int | None = None,
    role: str | None = None,
    invite_id: UUID | None = None,
) -> str:
    """Make a link's token; it works once, for as long as its purpose allows."""
    token = new_token()
    expires_at = now + TOKEN_LIFE[purpose]
    await tx.execute(
        SQL["insert_token"], digest_token(token), purpose, user_id, email, workspace_id, role, expires_at, invite_id
    )
    return token


async def forget_tokens(
    tx: Tx, purpose: Purpose, *, user_id: UUID | None = None, invite_id: UUID | None = None
) -> None:
    """Make earlier links of a purpose worthless: those of a person, of an invite, or all when neither is named."""
    await tx.execute(SQL["forget_tokens"], purpose, user_id, invite_id)


async def read_one_time_token(tx: Tx, purpose: Purpose, token: str, now: datetime) -> UsedToken:
    """Tell what an unused link was made for, and leave it good.

    Raises:
        SetupClosed: unknown, used before, for another purpose, or too old.

    """
    return _used(await tx.fetchrow(SQL["read_token"], digest_token(token), purpose, now))


async def use_one_time_token(tx: Tx, purpose: Purpose, token: str, now: datetime) -> UsedToken:
    """Use a token up.

    Raises:
        SetupClosed: unknown, used before, for another purpose, or too old.

    """
    return _used(await tx.fetchrow(SQL["use_token"], digest_token(token), purpose, now))


def _used(row: asyncpg.Record | None) -> UsedToken:
    if row is None:
        raise SetupClosed
    return UsedToken(**dict(row))


async def get_user(tx: SystemTx, user_id: UUID | None) -> User:
    """Read a person.

    Raises:
        Unauthenticated: gone or disabled.

    """
    row = await tx.fetchrow(SQL["user_by_id"], user_id)
    if row is None:
        raise Unauthenticated
    return User(id=row["id"], email=row["email"], name=row["name"], locale=row["locale"])
