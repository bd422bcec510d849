"""What the operator of an instance does to people from a shell, where the machine itself is the permission."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blazz.domains.identity.service import end_all_sessions
from blazz.kernel.db import SystemTx, load_queries
from blazz.kernel.errors import FieldProblem, InvalidInput, Message, NotFound
from blazz.kernel.security import hash_password, password_problem

SQL = load_queries(__package__, "operators.sql")


class UserNotFound(NotFound):
    """Nobody has this e-mail."""

    code = "user_not_found"
    message = Message(en="Nobody has the e-mail {email}.", id="Tidak ada orang dengan email {email}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedUser:
    """A person as operators see them."""

    id: UUID
    email: str
    name: str
    locale: str
    is_operator: bool
    disabled_at: datetime | None
    has_password: bool
    created_at: datetime


async def list_users(tx: SystemTx) -> list[ListedUser]:
    """List everyone by e-mail."""
    return [ListedUser(**dict(row)) for row in await tx.fetch(SQL["list_users"])]


async def get_user_by_email(tx: SystemTx, email: str) -> ListedUser:
    """Find a person.

    Raises:
        UserNotFound: nobody has this e-mail.

    """
    address = email.strip().lower()
    row = await tx.fetchrow(SQL["find_user"], address)
    if row is None:
        raise UserNotFound(email=address[:254])
    return ListedUser(**dict(row))


async def reset_password(tx: SystemTx, email: str, password: str) -> ListedUser:
    """Give a person another password and sign them out everywhere.

    Raises:
        UserNotFound: nobody has this e-mail.
        InvalidInput: the password is too weak.

    """
    user = await get_user_by_email(tx, email)
    weakness = password_problem(password, user.email, user.name)
    if weakness is not None:
        raise InvalidInput((FieldProblem(pointer="/password", code="weak_password", message=weakness),))
    await tx.execute(SQL["set_password"], user.id, hash_password(password))
    await end_all_sessions(tx, user.id)
    return user
