"""What happens to messages whose sender died or whose outcome is unknown."""

from datetime import timedelta

from blazz.domains.inbox import store
from blazz.domains.inbox.outcomes import OutcomeSink, sum_transitions
from blazz.domains.inbox.types import MessageStatus, Progress, Transition
from blazz.kernel.runtime import Runtime


async def recover_unknown_outcomes(runtime: Runtime, sink: OutcomeSink) -> int:
    """Run one round: wake forgotten lanes, put orphans in doubt, resend after silence where the account chose so.

    Returns how many messages changed. Safe to run in several processes at once.
    """
    settings = runtime.settings
    budget = timedelta(seconds=settings.send_overdue_seconds)
    window = timedelta(seconds=settings.in_doubt_window_seconds)
    async with runtime.database.system() as tx:
        await tx.execute(store.SQL["wake_forgotten_lanes"])
        overdue = await store.overdue_workspaces(tx, budget)
        silent = await store.silent_workspaces(tx, window)
    changed = 0
    for workspace_id in overdue:
        async with runtime.database.workspace(workspace_id) as tx_overdue:
            rows = await tx_overdue.fetch(store.SQL["overdue_wire_to_doubt"], workspace_id, budget)
            news = [Progress(message_id=row["message_id"], status=MessageStatus.IN_DOUBT) for row in rows]
            if news:
                news.sort(key=lambda item: item.message_id)
                await sink(tx_overdue, sum_transitions(await store.advance_messages(tx_overdue, news)))
            changed += len(news)
    for workspace_id in silent:
        async with runtime.database.workspace(workspace_id) as tx_silent:
            rows = await tx_silent.fetch(store.SQL["requeue_silent_doubt"], workspace_id, window)
            ids = [row["message_id"] for row in rows]
            back = await tx_silent.fetch(store.SQL["doubt_to_queued"], workspace_id, ids)
            await sink(
                tx_silent,
                sum_transitions(
                    Transition(
                        message_id=row["id"],
                        contact_id=row["contact_id"],
                        campaign_id=row["campaign_id"],
                        old_status=MessageStatus.IN_DOUBT,
                        new_status=MessageStatus.QUEUED,
                        accepted=0,
                        delivered=0,
                        read=0,
                        error_code=None,
                    )
                    for row in back
                ),
            )
            if ids:
                await store.wake_lanes(tx_silent, sorted({row["number_id"] for row in rows}))
            changed += len(ids)
    return changed
