"""Applies stored webhook deliveries: statuses and inbound messages, each workspace in its own transaction.

Applying is idempotent, so a process that dies between applying and deleting a delivery does no harm.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from blazz.domains.channels import (
    NumberRoute,
    WebhookDelivery,
    claim_deliveries,
    delete_deliveries,
    park_delivery,
    postpone_delivery,
    route_numbers,
)
from blazz.domains.channels.inbound import InboundEvent, InboundMessage, StatusUpdate
from blazz.domains.channels.ports import WebhookReceiver
from blazz.domains.inbox.outcomes import OutcomeSink
from blazz.domains.inbox.receiving import Received, receive_messages
from blazz.domains.inbox.statuses import apply_statuses
from blazz.kernel.db import SystemTx
from blazz.kernel.db.retry import is_database_away, retry_transaction
from blazz.kernel.metrics import WEBHOOK_EVENTS
from blazz.kernel.runtime import Runtime

_log = structlog.get_logger()
_BATCH = 200
_MOST_ATTEMPTS = 8
# A status may come before our own send call has stored anything the ledger could match (failure F-11).
_UNMATCHED_PATIENCE = timedelta(seconds=60)


@dataclass(slots=True)
class _Work:
    statuses: list[StatusUpdate] = field(default_factory=list)
    messages: list[Received] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class WebhookProcessor:
    """Works deliveries off; several may run in several processes."""

    runtime: Runtime
    providers: Mapping[str, WebhookReceiver]
    sink: OutcomeSink

    async def run_once(self) -> int:
        """Apply one batch; answer how many deliveries it held."""
        async with self.runtime.database.system() as tx:
            deliveries = await claim_deliveries(tx, _BATCH)
            if not deliveries:
                return 0
            if not await self._apply(await self._plan_all(tx, deliveries)):
                return await self._one_by_one(tx, deliveries)
            await delete_deliveries(tx, [item.id for item in deliveries])
        return len(deliveries)

    async def _plan_all(self, tx: SystemTx, deliveries: list[WebhookDelivery]) -> dict[int, _Work]:
        events: list[InboundEvent] = []
        for delivery in deliveries:
            receiver = self.providers.get(delivery.provider)
            if receiver is not None:
                events.extend(receiver.parse_webhook(delivery.body).events)
        wanted = {item.provider_number_id for item in events if isinstance(item, StatusUpdate | InboundMessage)}
        routes = await route_numbers(tx, "meta_cloud", sorted(wanted))
        return sort_events(events, routes)

    async def _apply(self, plan: Mapping[int, _Work]) -> bool:
        """Apply a plan; False when a workspace's part failed for a reason of its own."""
        sound = True
        for workspace_id, work in sorted(plan.items()):
            try:
                await retry_transaction(lambda one=workspace_id, todo=work: self._apply_one(one, todo))  # type: ignore[misc] # mypy cannot infer a lambda's defaults
            except Exception as error:
                if is_database_away(error):
                    raise
                _log.exception("webhooks could not be applied", workspace_id=workspace_id)
                sound = False
        return sound

    async def _apply_one(self, workspace_id: int, work: _Work) -> None:
        now = self.runtime.clock.now()
        async with self.runtime.database.workspace(workspace_id) as tx:
            unmatched = await apply_statuses(tx, work.statuses, self.sink, now) if work.statuses else []
            if work.messages:
                await receive_messages(tx, work.messages, self.sink, now)
        WEBHOOK_EVENTS.labels("status").inc(len(work.statuses) - len(unmatched))
        WEBHOOK_EVENTS.labels("message").inc(len(work.messages))
        fresh = [item for item in unmatched if _is_fresh(item, now)]
        WEBHOOK_EVENTS.labels("unmatched").inc(len(unmatched))
        if fresh:
            raise UnmatchedStatuses(len(fresh))

    async def _one_by_one(self, tx: SystemTx, deliveries: list[WebhookDelivery]) -> int:
        """Find the delivery that fails, so that one bad delivery never holds up the others."""
        done = []
        for delivery in deliveries:
            if await self._apply(await self._plan_all(tx, [delivery])):
                done.append(delivery.id)
            elif delivery.attempts + 1 >= _MOST_ATTEMPTS:
                await park_delivery(tx, delivery.id, "could not be applied; see the log")
            else:
                await postpone_delivery(tx, delivery.id, min(60.0, 0.5 * 2**delivery.attempts))
        await delete_deliveries(tx, done)
        return len(deliveries)


class UnmatchedStatuses(Exception):
    """Statuses of messages we do not know yet; their delivery is tried again a little later."""


def sort_events(events: list[InboundEvent], routes: Mapping[str, NumberRoute]) -> dict[int, _Work]:
    """Sort events by the workspace their number belongs to; events of unknown numbers are counted and dropped."""
    plan: dict[int, _Work] = defaultdict(_Work)
    for event in events:
        if isinstance(event, StatusUpdate):
            route = routes.get(event.provider_number_id)
            if route is not None:
                plan[route.workspace_id].statuses.append(event)
                continue
        elif isinstance(event, InboundMessage):
            route = routes.get(event.provider_number_id)
            if route is not None:
                plan[route.workspace_id].messages.append(Received(number_id=route.number_id, message=event))
                continue
        WEBHOOK_EVENTS.labels("unrouted").inc()
    return dict(plan)


def _is_fresh(update: StatusUpdate, now: datetime) -> bool:
    return now - update.at < _UNMATCHED_PATIENCE
