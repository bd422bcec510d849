"""Applies stored webhook deliveries, each workspace in its own transaction: statuses, messages, and all other news.

Applying is idempotent, so a process that dies between applying and deleting a delivery does no harm.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

import structlog

from blazz.domains.channels import (
    NumberRoute,
    WebhookDelivery,
    WebhookSecrets,
    claim_deliveries,
    delete_deliveries,
    park_delivery,
    postpone_delivery,
    route_accounts,
    route_numbers,
)
from blazz.domains.channels.inbound import InboundEvent, InboundMessage, MessageEcho, StatusUpdate, Unrecognised
from blazz.domains.channels.ports import WebhookReceiver
from blazz.domains.inbox.changes import Change, Echoed, apply_changes, change_of, receive_echoes
from blazz.domains.inbox.news import News, apply_news
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
_PROVIDER = "meta_cloud"
# An event, and the account whose secret proved it.
Told = tuple[InboundEvent, UUID | None]
# These belong to a number; without it nobody can tell whose they are.
_BY_NUMBER = (StatusUpdate, InboundMessage, MessageEcho)


@dataclass(slots=True)
class Work:
    """What a batch of deliveries holds for one workspace."""

    statuses: list[StatusUpdate] = field(default_factory=list)
    messages: list[Received] = field(default_factory=list)
    echoes: list[Echoed] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    news: News = field(default_factory=News)


@dataclass(slots=True, kw_only=True)
class WebhookProcessor:
    """Works deliveries off; several may run in several processes."""

    runtime: Runtime
    providers: Mapping[str, WebhookReceiver]
    sink: OutcomeSink
    secrets: WebhookSecrets | None = None

    async def run_once(self) -> int:
        """Apply one batch; answer how many deliveries it held."""
        async with self.runtime.database.system() as tx:
            deliveries = await claim_deliveries(tx, _BATCH)
            if not deliveries:
                return 0
            if await self._apply(await self._plan_all(tx, deliveries)) is not _Result.DONE:
                return await self._one_by_one(tx, deliveries)
            await delete_deliveries(tx, [item.id for item in deliveries])
        return len(deliveries)

    async def _plan_all(self, tx: SystemTx, deliveries: list[WebhookDelivery]) -> dict[int, Work]:
        told: list[Told] = []
        for delivery in deliveries:
            receiver = self.providers.get(delivery.provider_name)
            if receiver is not None:
                told.extend((event, delivery.signer) for event in receiver.parse_webhook(delivery.body).events)
        numbers = {number for event, _ in told if (number := _number_of(event)) is not None}
        accounts = {
            account
            for event, _ in told
            if not isinstance(event, _BY_NUMBER) and (account := event.provider_account_id) is not None
        }
        by_number = await route_numbers(tx, _PROVIDER, sorted(numbers))
        by_account = await route_accounts(tx, _PROVIDER, sorted(accounts)) if accounts else {}
        signers = {signer for _, signer in told if signer is not None}
        targets = {route.account_id for route in by_number.values()}
        targets |= {account_id for found in by_account.values() for _, account_id in found}
        return sort_events(told, by_number, by_account, await self._distrusted(signers, targets))

    async def _distrusted(self, signers: set[UUID], targets: set[UUID]) -> set[tuple[UUID, UUID]]:
        """List the pairs of a signing account and another that it may not speak for."""
        if self.secrets is None:
            return set()
        pairs = [(signer, target) for signer in signers for target in targets if signer != target]
        return {pair for pair in pairs if not await self.secrets.may_speak_for(*pair)}

    async def _apply(self, plan: Mapping[int, Work]) -> "_Result":
        """Apply a plan, each workspace on its own; the worst that happened in any of them."""
        worst = _Result.DONE
        for workspace_id, work in sorted(plan.items()):
            try:
                early = await retry_transaction(lambda one=workspace_id, todo=work: self._apply_one(one, todo))  # type: ignore[misc] # mypy cannot infer a lambda's defaults
            except Exception as error:
                if is_database_away(error):
                    raise
                _log.exception("webhooks could not be applied", workspace_id=workspace_id)
                worst = _Result.FAILED
            else:
                if early and worst is _Result.DONE:
                    worst = _Result.EARLY
        return worst

    async def _apply_one(self, workspace_id: int, work: Work) -> int:
        """Apply one workspace's part; answer how many updates speak of messages that nobody knows (yet)."""
        now = self.runtime.clock.now()
        async with self.runtime.database.workspace(workspace_id) as tx:
            # A reply counts for the campaign that reached the person, so receipts come before messages.
            if work.echoes:
                await receive_echoes(tx, work.echoes)
            unmatched = await apply_statuses(tx, work.statuses, self.sink, now) if work.statuses else []
            if work.messages:
                await receive_messages(tx, work.messages, self.sink, now)
            unknown = await apply_changes(tx, work.changes)
            if work.news.count():
                await apply_news(tx, work.news, self.sink, now)
        WEBHOOK_EVENTS.labels("status").inc(len(work.statuses) - len(unmatched))
        WEBHOOK_EVENTS.labels("message").inc(len(work.messages) + len(work.echoes))
        WEBHOOK_EVENTS.labels("news").inc(work.news.count() + len(work.changes) - unknown)
        WEBHOOK_EVENTS.labels("unmatched").inc(len(unmatched) + unknown)
        return len(unmatched) + unknown

    async def _one_by_one(self, tx: SystemTx, deliveries: list[WebhookDelivery]) -> int:
        """Find the delivery that is early or fails, so that one of them never holds up the others.

        A status or an edit may come before what it speaks of is stored (failure F-11): its delivery is tried again with
        growing waits, about a minute in all. How long is counted in tries, so that no clock can cut it short.
        """
        done = []
        for delivery in deliveries:
            result = await self._apply(await self._plan_all(tx, [delivery]))
            last = delivery.attempts + 1 >= _MOST_ATTEMPTS
            if result is _Result.DONE or (last and result is _Result.EARLY):
                done.append(delivery.id)
            elif last:
                await park_delivery(tx, delivery.id, "could not be applied; see the log")
            else:
                await postpone_delivery(tx, delivery.id, min(60.0, 0.5 * 2**delivery.attempts))
        await delete_deliveries(tx, done)
        return len(deliveries)


class _Result(Enum):
    """What became of a plan: applied, partly too early, or failed."""

    DONE = 0
    EARLY = 1
    FAILED = 2


def sort_events(
    told: Iterable[Told],
    numbers: Mapping[str, NumberRoute],
    accounts: Mapping[str, list[tuple[int, UUID]]],
    distrusted: Collection[tuple[UUID, UUID]] = (),
) -> dict[int, Work]:
    """Sort events by the workspaces they concern; events of unknown numbers and accounts are counted and dropped.

    What names a number goes to its workspace; what names only an account goes to every workspace that uses it. What an
    account's secret proved about an account that does not share it (``distrusted``) is dropped too: anybody could have
    signed it with a secret of their own.
    """
    plan: dict[int, Work] = {}
    for event, signer in told:
        number_id = _number_of(event)
        route = numbers.get(number_id) if number_id is not None else None
        if route is not None:
            targets = [(route.workspace_id, route.account_id)]
        else:
            targets = [] if isinstance(event, _BY_NUMBER) else accounts.get(event.provider_account_id or "", [])
        taken = [
            _take(plan.setdefault(workspace_id, Work()), account_id, route, event)
            for workspace_id, account_id in targets
            if signer is None or (signer, account_id) not in distrusted
        ]
        if not any(taken):
            WEBHOOK_EVENTS.labels("unrecognised" if isinstance(event, Unrecognised) else "unrouted").inc()
    return plan


def _take(work: Work, account_id: UUID, route: NumberRoute | None, event: InboundEvent) -> bool:
    if isinstance(event, StatusUpdate):
        work.statuses.append(event)
    elif isinstance(event, InboundMessage | MessageEcho):
        if route is None:
            return False
        change = change_of(event.content, event.at)
        if change is not None:
            work.changes.append(change)
        elif isinstance(event, InboundMessage):
            work.messages.append(Received(number_id=route.number_id, message=event))
        else:
            work.echoes.append(Echoed(number_id=route.number_id, echo=event))
    else:
        return work.news.add(account_id, None if route is None else route.number_id, event)
    return True


def _number_of(event: InboundEvent) -> str | None:
    found: str | None = getattr(event, "provider_number_id", None)
    return found
