"""One number's lane, run by its owner: claim what may leave, commit the intent, call the provider, hand in the answer.

The rule that keeps campaigns from sending twice: an intent is committed before the first byte leaves, only by the
lane's owner, and the call is abandoned if more than two seconds passed since that commit (a frozen process that wakes
up must not send; failure F-02).
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import msgspec
import structlog

from blazz.domains.channels.content import Content, from_json
from blazz.domains.channels.failures import Pauses
from blazz.domains.channels.ports import (
    Accepted,
    InDoubt,
    MessageSender,
    NumberRef,
    OutboundMessage,
    Refused,
    Requeue,
    SendOutcome,
)
from blazz.domains.inbox import store
from blazz.domains.inbox.media import attach
from blazz.domains.inbox.sending.bucket import TokenBucket
from blazz.domains.inbox.sending.failures import OPTED_OUT, STALE, UNREADABLE
from blazz.domains.inbox.sending.settlement import Answer, Settlement
from blazz.domains.inbox.types import Lane, WireMessage
from blazz.kernel.clock import Clock
from blazz.kernel.db.database import Database
from blazz.kernel.metrics import SEND_SECONDS, SENDS

_log = structlog.get_logger()
_NOTHING = UUID(int=0)
_STALE_SECONDS = 2.0
_LARGEST_CHUNK = 256
_SWEEP_SECONDS = 1.0
_SENT = {kind: SENDS.labels(kind.__name__.lower()) for kind in (Accepted, Refused, Requeue, InDoubt)}
# How soon a message looks again whether its file has reached the provider; the hand-over wakes it earlier.
_FILE_SECONDS = 2.0


class Slots(Protocol):
    """The calls this process may still have in flight, shared by its lanes."""

    def free(self) -> int:
        """Return calls that may start now."""
        ...

    def take(self, count: int) -> None:
        """Reserve calls."""
        ...

    def give_back(self, count: int) -> None:
        """Return reserved calls."""
        ...

    async def wait(self) -> None:
        """Wait until at least one is free."""
        ...


@dataclass(slots=True, kw_only=True)
class LaneRunner:
    """Sends for one (workspace, number) while the lease holds."""

    database: Database
    clock: Clock
    settlement: Settlement
    slots: Slots
    provider: MessageSender
    number: NumberRef
    number_id: UUID
    workspace_id: int
    owner: UUID
    fencing: int
    bucket: TokenBucket
    on_pause: Callable[["LaneRunner", Requeue | Refused], None]
    lease_deadline: float = 0.0
    closing: bool = False
    _bound: UUID = _NOTHING
    _swept_at: float = 0.0
    _calls: set[asyncio.Task[None]] = field(default_factory=set)

    def lease_is_live(self) -> bool:
        """Tell whether this process may still act as the owner, by its own monotonic clock."""
        return not self.closing and time.monotonic() < self.lease_deadline

    async def run_once(self) -> int:
        """Send one chunk; answer how many calls were started. Zero means the lane had nothing that may leave now."""
        await self.slots.wait()
        room = min(self.slots.free(), self.bucket.available(), _LARGEST_CHUNK)
        if room <= 0 or not self.lease_is_live():
            return 0
        self.slots.take(room)
        try:
            committed_at, messages = await self._commit_intents(room)
        except BaseException:
            self.slots.give_back(room)
            raise
        self.slots.give_back(room - len(messages))
        self.bucket.take(len(messages))
        for message in messages:
            task = asyncio.create_task(self._send(message, committed_at))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)
        return len(messages)

    async def drain(self) -> None:
        """Wait for the calls in flight."""
        while self._calls:
            await asyncio.wait(set(self._calls))

    async def _commit_intents(self, room: int) -> tuple[float, list[WireMessage]]:
        now = time.monotonic()
        if now - self._swept_at > _SWEEP_SECONDS:
            # Requeued, resumed and retried messages lie below the moving bound; look at the whole lane now and then.
            self._bound, self._swept_at = _NOTHING, now
        # Replies keep a reserve of the number's allowance: bulk takes at most nine tenths of a chunk.
        bulk_room = room if room < 10 else room - room // 10
        async with self.database.workspace(self.workspace_id) as tx:
            rows = await tx.fetch(
                store.SQL["commit_intent"],
                self.workspace_id, self.number_id, self.owner, self.fencing, room, self._bound, bulk_room,
            )  # fmt: skip
            if not rows:
                return now, []
            attached = await attach(tx, self.number_id, {row["message_id"]: row["content"] or "" for row in rows})
            # Before COMMIT, so that a process frozen while it waits for the reply does not take the past for now.
            committed_at = time.monotonic()
        bulk = [row["message_id"] for row in rows if row["lane"] == Lane.BULK]
        if bulk:
            self._bound = max(self._bound, *bulk)
        return committed_at, [
            WireMessage(
                message_id=row["message_id"],
                contact_id=row["contact_id"],
                campaign_id=row["campaign_id"],
                address=row["address"],
                lane=row["lane"],
                attempts=row["attempts"],
                content_json=row["content"] or "",
                reply_to=row["reply_to"],
                opted_out=row["opted_out"],
                marketing=row["marketing"] or row["lane"] == Lane.BULK,
                pushbacks=row["pushbacks"],
                attached=attached.get(row["message_id"]),
            )
            for row in rows
        ]

    async def _send(self, message: WireMessage, committed_at: float) -> None:
        outcome: SendOutcome
        try:
            outcome = await self._call(message, committed_at)
        except asyncio.CancelledError:
            outcome = InDoubt(reason="sender_stopped")
        except Exception:  # noqa: BLE001 - whatever it was, the loop must go on and the cause is logged
            _log.exception("the provider adapter failed", provider=self.number.provider_number_id)
            outcome = InDoubt(reason="adapter_failed")
        self.slots.give_back(1)
        _SENT[type(outcome)].inc()
        self.settlement.add(
            Answer(workspace_id=self.workspace_id, message_id=message.message_id, outcome=outcome, at=self.clock.now())
        )
        if isinstance(outcome, Requeue | Refused):
            self.on_pause(self, outcome)

    async def _call(self, message: WireMessage, committed_at: float) -> SendOutcome:
        if message.opted_out and message.marketing:
            return Refused(failure=OPTED_OUT)
        attached = message.attached
        if attached is not None and attached.failure is not None:
            if not attached.is_pending:
                return Refused(failure=attached.failure)
            return Requeue(failure=attached.failure, retry_after_seconds=_FILE_SECONDS, scope="pair")
        content_json = message.content_json if attached is None else attached.content_json
        try:
            content: Content = from_json(msgspec.json.decode(content_json))
        except (ValueError, msgspec.DecodeError):
            return Refused(failure=UNREADABLE)
        outbound = OutboundMessage(
            message_id=message.message_id,
            to=None if _is_user_id(message.address) else message.address,
            recipient_bsuid=message.address if _is_user_id(message.address) else None,
            content=content,
            reply_to_provider_id=message.reply_to,
            opaque_id=message.message_id.hex,
            pushbacks=message.pushbacks,
        )
        started = time.monotonic()
        if started - committed_at > _STALE_SECONDS or self.closing:
            return Requeue(failure=STALE, retry_after_seconds=0.0, scope="pair", slow_down=False)
        outcome = await self.provider.send(self.number, outbound)
        SEND_SECONDS.observe(time.monotonic() - started)
        if isinstance(outcome, Refused) and outcome.failure.pauses in {Pauses.NUMBER, Pauses.ACCOUNT}:
            # The number or the account is in trouble, not this message: it waits behind the pause.
            return Requeue(failure=outcome.failure, retry_after_seconds=60.0, scope="number", slow_down=True)
        return outcome


def _is_user_id(address: str) -> bool:
    """Tell a business-scoped user id (``ID.1349…``) from a phone number."""
    return "." in address
