"""Writes the provider's answers back, many at a time: at most one transaction per workspace every few milliseconds."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from blazz.domains.channels.ports import Accepted, InDoubt, Refused, Requeue, SendOutcome
from blazz.domains.inbox import store
from blazz.domains.inbox.outcomes import OutcomeSink, record_transitions
from blazz.domains.inbox.types import MessageStatus, Progress
from blazz.kernel.db.database import Database
from blazz.kernel.db.retry import is_database_away, retry_transaction

_log = structlog.get_logger()
_FLUSH_SECONDS = 0.02
_LARGEST = 500


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one call."""

    workspace_id: int
    message_id: UUID
    outcome: SendOutcome
    at: datetime


@dataclass(slots=True)
class Settlement:
    """Collects answers and flushes them; answers survive a database that is away, in memory, until it is back."""

    database: Database
    owner: UUID
    sink: OutcomeSink
    _waiting: dict[int, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _closing: bool = False

    def add(self, answer: Answer) -> None:
        """Hand in an answer; it is written within milliseconds."""
        self._waiting[answer.workspace_id].append(answer)
        self._wake.set()

    def close(self) -> None:
        """Ask ``run`` to end once everything is written."""
        self._closing = True
        self._wake.set()

    @property
    def depth(self) -> int:
        """Answers not yet written."""
        return sum(map(len, self._waiting.values()))

    async def run(self) -> None:
        """Flush until closed and empty."""
        while not (self._closing and not self._waiting):
            await self._wake.wait()
            self._wake.clear()
            if not self._closing:
                await asyncio.sleep(_FLUSH_SECONDS)
            for workspace_id in list(self._waiting):
                await self._flush(workspace_id, self._waiting.pop(workspace_id))

    async def _flush(self, workspace_id: int, answers: list[Answer]) -> None:
        for start in range(0, len(answers), _LARGEST):
            chunk = answers[start : start + _LARGEST]
            try:
                await retry_transaction(lambda chunk=chunk: self._write(workspace_id, chunk))  # type: ignore[misc] # mypy cannot infer a lambda's defaults
            except Exception as error:  # noqa: BLE001 - whatever it was, the loop must go on and the cause is logged
                if not is_database_away(error):
                    _log.exception("answers could not be written", count=len(chunk))
                # Keep them: the provider has answered, and forgetting it would leave messages in doubt.
                self._waiting[workspace_id].extend(answers[start:])
                self._wake.set()
                await asyncio.sleep(0.5)
                return

    async def _write(self, workspace_id: int, answers: Sequence[Answer]) -> None:
        async with self.database.workspace(workspace_id) as tx:
            settled = [item for item in answers if isinstance(item.outcome, Accepted | Refused)]
            doubtful = [(item.message_id, item.outcome.reason) for item in answers if isinstance(item.outcome, InDoubt)]
            again = [
                (
                    item.message_id,
                    item.outcome.retry_after_seconds,
                    item.outcome.failure.code.value,
                    _put_off(item.outcome),
                )
                for item in answers
                if isinstance(item.outcome, Requeue)
            ]
            news = [_progress(item) for item in settled]
            if doubtful:
                changed = await store.mark_in_doubt(tx, self.owner, doubtful)
                news += [Progress(message_id=one, status=MessageStatus.IN_DOUBT) for one in changed]
            transitions = (
                await store.advance_messages(tx, sorted(news, key=lambda item: item.message_id)) if news else []
            )
            if again:
                await store.requeue(tx, self.owner, again)
            await record_transitions(tx, transitions, self.sink, answers[-1].at)


def _put_off(outcome: Requeue) -> bool:
    """Tell whether the provider itself asked to wait: only then do its growing waits and bounds on tries apply."""
    return outcome.failure.provider_code is not None


def _progress(answer: Answer) -> Progress:
    outcome = answer.outcome
    if isinstance(outcome, Accepted):
        return Progress(
            message_id=answer.message_id,
            status=MessageStatus.ACCEPTED,
            sent_at=answer.at,
            provider_message_id=outcome.provider_message_id,
        )
    assert isinstance(outcome, Refused)
    return Progress(
        message_id=answer.message_id,
        status=MessageStatus.FAILED,
        failed_at=answer.at,
        error_code=outcome.failure.code.value,
        provider_error=outcome.failure.provider_code,
    )
