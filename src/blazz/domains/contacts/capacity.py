"""How many more contacts the plan allows. People who write to us are stored in any case."""

from blazz.domains.billing import QuotaReached, get_limit
from blazz.domains.contacts.store import SQL
from blazz.kernel.clock import SystemClock
from blazz.kernel.db import WorkspaceTx


async def remaining_contacts(tx: WorkspaceTx) -> int | None:
    """Count how many contacts may still be made; None when the plan has no bound. The bin does not count."""
    limit = await get_limit(tx, "contacts", SystemClock().now())
    if limit is None:
        return None
    present: int = await tx.fetchval(SQL["count_up_to"], tx.workspace_id, limit)
    return limit - present


async def require_room_for_one(tx: WorkspaceTx) -> None:
    """Refuse unless one more contact may be made.

    Raises:
        QuotaReached: the plan allows no more.

    """
    remaining = await remaining_contacts(tx)
    if remaining is not None and remaining < 1:
        limit = await get_limit(tx, "contacts", SystemClock().now())
        raise QuotaReached(what="contacts", limit=limit, used=limit, wanted=1)
