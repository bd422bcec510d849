"""Reserves and gives back messages of the plan on behalf of a campaign, whoever moves it."""

from datetime import datetime

from blazz.domains import billing
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx


def _actor(tx: WorkspaceTx) -> Actor:
    # The right to move a campaign was checked by the command; who may send single messages is another question.
    return Actor.system(tx.workspace_id, "campaign quota", Permission.MESSAGES_SEND, Permission.USAGE_READ)


async def reserve(tx: WorkspaceTx, people: int, now: datetime) -> None:
    """Reserve one message per person.

    Raises:
        QuotaReached: the plan leaves fewer; nothing is reserved then.

    """
    if people > 0:
        await billing.reserve_messages(tx, _actor(tx), people, now)


async def release(tx: WorkspaceTx, people: int, now: datetime) -> None:
    """Give back what will not be sent."""
    if people > 0:
        await billing.release_messages(tx, _actor(tx), people, now)


async def remaining(tx: WorkspaceTx, now: datetime) -> int:
    """How many messages the plan still leaves today and this month, whichever is less; never below 0."""
    usages = await billing.get_usage(tx, _actor(tx), now)
    return max(0, min(usage.limit - usage.used - usage.reserved for usage in usages))
