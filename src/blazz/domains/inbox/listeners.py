"""What the inbox does when contacts change, in the transaction that changes them."""

from blazz.domains.contacts import ContactsMerged
from blazz.domains.inbox import store
from blazz.domains.inbox.events import ConversationsMoved
from blazz.kernel.db import WorkspaceTx


async def follow_merge(tx: WorkspaceTx, event: ContactsMerged) -> None:
    """Give the winner of a merge every conversation, message and waiting send of the loser."""
    pair = (tx.workspace_id, event.loser_id, event.winner_id)
    joined = await tx.fetch(store.SQL["join_conversations"], *pair)
    lost = [row["lost_id"] for row in joined]
    await tx.execute(store.SQL["move_messages"], *pair, lost, [row["kept_id"] for row in joined])
    if lost:
        await tx.execute(store.SQL["drop_conversations"], tx.workspace_id, lost)
    await tx.execute(store.SQL["move_conversations"], *pair)
    await tx.execute(store.SQL["move_outbox"], *pair)
    tx.publish(
        ConversationsMoved(workspace_id=tx.workspace_id, from_contact_id=event.loser_id, to_contact_id=event.winner_id)
    )
