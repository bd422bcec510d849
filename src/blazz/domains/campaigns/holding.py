"""Holds a campaign that runs while something outside of it forbids bulk messages, and lets it go on by itself."""

from datetime import datetime
from typing import Final
from uuid import UUID

from blazz.domains.campaigns import store
from blazz.domains.campaigns.events import CampaignHeld, CampaignReleased
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.errors import Message
from blazz.kernel.space import StorageFull

STORAGE_FULL: Final = StorageFull.code
REASONS: Final = {
    STORAGE_FULL: Message(
        en="Waiting: the disk of this installation is nearly full. It goes on by itself when there is room again.",
        id="Menunggu: penyimpanan instalasi ini hampir penuh. Kampanye berlanjut sendiri setelah ada ruang lagi.",
    )
}


async def hold(tx: WorkspaceTx, campaign_id: UUID, reason: str, *, now: datetime) -> bool:
    """Mark a campaign as waiting for a reason; False when it is marked already or does not run any more."""
    if await tx.fetchval(store.SQL["hold_campaign"], tx.workspace_id, campaign_id, reason, now) is None:
        return False
    await store.write_log(tx, campaign_id, "held", now, reason=reason)
    tx.publish(CampaignHeld(workspace_id=tx.workspace_id, campaign_id=campaign_id, reason=reason))
    return True


async def let_go(tx: WorkspaceTx, campaign_id: UUID, *, now: datetime) -> bool:
    """Take the mark away; False when there is none."""
    if await tx.fetchval(store.SQL["let_campaign_go"], tx.workspace_id, campaign_id, now) is None:
        return False
    await store.write_log(tx, campaign_id, "released", now)
    tx.publish(CampaignReleased(workspace_id=tx.workspace_id, campaign_id=campaign_id))
    return True
