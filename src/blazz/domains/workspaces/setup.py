"""The first person and the first workspace of an instance, by a link that works once: there are no default passwords."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blazz.domains.identity import (
    SetupClosed,
    create_user,
    forget_tokens,
    make_one_time_token,
    needs_setup,
    use_one_time_token,
)
from blazz.domains.workspaces.service import Workspace, create_workspace
from blazz.domains.workspaces.store import SQL
from blazz.kernel.db import SystemTx


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPerson:
    """Who looks after the instance, and what their workspace is called; checked when it is used."""

    email: str
    name: str
    password: str
    workspace_name: str
    country: str
    timezone: str
    locale: str


async def make_setup_token(tx: SystemTx, now: datetime) -> str | None:
    """Make the setup link's token, good for 7 days and once; earlier ones become worthless. None when set up already."""
    if not await needs_setup(tx):
        return None
    await forget_tokens(tx, "setup")
    return await make_one_time_token(tx, "setup", now)


async def set_up(tx: SystemTx, token: str, first: FirstPerson, now: datetime) -> tuple[UUID, Workspace]:
    """Make the first person an operator with a workspace of their own.

    Raises:
        SetupClosed: the token is not good, or the instance has people already.
        InvalidInput: a field is not valid; the token stays good.

    """
    # Two people with one link at the same moment: the second waits here and then finds somebody.
    await tx.execute(SQL["lock_setup"])
    if not await needs_setup(tx):
        raise SetupClosed
    await use_one_time_token(tx, "setup", token, now)
    user_id = await create_user(
        tx, email=first.email, name=first.name, password=first.password, locale=first.locale, is_operator=True
    )
    workspace = await create_workspace(
        tx, user_id, first.workspace_name, country=first.country, timezone=first.timezone, locale=first.locale
    )
    return user_id, workspace
