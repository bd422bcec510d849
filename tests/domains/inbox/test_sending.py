"""The send path against a provider that answers as told: once, or not at all, never twice."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from blazz.adapters.providers.meta_cloud.provider import CAPABILITIES
from blazz.domains.channels.failures import FailureCode, SendFailure
from blazz.domains.channels.ports import (
    Accepted,
    Capabilities,
    InDoubt,
    NumberRef,
    OutboundMessage,
    Refused,
    Requeue,
    SendOutcome,
)
from blazz.domains.inbox import (
    Dispatcher,
    Lane,
    NewOutbound,
    Origin,
    OutcomeDelta,
    enqueue_messages,
    recover_unknown_outcomes,
)
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import new_uuid7
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.factories import make_contacts, make_number


@dataclass(slots=True)
class ScriptedProvider:
    """Answers with what the script says for each call; accepts when it has run out."""

    script: list[SendOutcome] = field(default_factory=list)
    calls: list[UUID] = field(default_factory=list)

    @property
    def capabilities(self) -> Capabilities:
        """Return those of the Cloud API."""
        return CAPABILITIES

    async def send(self, number: NumberRef, message: OutboundMessage) -> SendOutcome:
        """Note the call and answer."""
        assert number.credentials.access_token == "simulator-token"
        self.calls.append(message.message_id)
        return self.script.pop(0) if self.script else Accepted(provider_message_id=f"wamid.{message.message_id.hex}")

    async def mark_read(self, number: NumberRef, provider_message_id: str, *, typing: bool = False) -> None:
        """Do nothing."""


async def no_sink(_tx: WorkspaceTx, _deltas: Sequence[OutcomeDelta]) -> None:
    """Count nothing: these messages belong to no campaign."""


@asynccontextmanager
async def dispatching(runtime: Runtime, provider: ScriptedProvider) -> AsyncIterator[Dispatcher]:
    """Run a dispatcher for as long as the block."""
    dispatcher = Dispatcher(runtime=runtime, pick_provider=lambda _kind, _url: provider, sink=no_sink)
    task = asyncio.create_task(dispatcher.run())
    try:
        yield dispatcher
    finally:
        dispatcher.close()
        await asyncio.wait_for(task, 20)


async def until(check: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    """Wait for a state, and fail when it does not come."""
    deadline = time.monotonic() + seconds
    while not await check():
        assert time.monotonic() < deadline, "the expected state did not come"
        await asyncio.sleep(0.02)


@dataclass(slots=True)
class Shop:
    """A workspace with a number, people, and messages waiting."""

    runtime: Runtime
    workspace: WorkspaceFixture
    number_id: UUID
    contacts: list[UUID]

    async def queue(self, lane: Lane = Lane.BULK, count: int | None = None) -> list[UUID]:
        """Queue one message to each person."""
        people = self.contacts[:count]
        rows = [
            NewOutbound(
                message_id=new_uuid7(),
                number_id=self.number_id,
                contact_id=contact_id,
                address=f"6281{200000000 + index}",
                kind="text",
                body="Halo",
                content_json='{"type":"text","body":"Halo"}',
                lane=lane,
                origin=Origin.API,
            )
            for index, contact_id in enumerate(people)
        ]
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            await enqueue_messages(tx, rows)
        return [row.message_id for row in rows]

    async def statuses(self) -> dict[UUID, int]:
        """Read every message's status."""
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            rows = await tx.fetch("SELECT id, status FROM messages WHERE workspace_id = $1", self.workspace.id)
        return {row["id"]: row["status"] for row in rows}

    async def outbox(self) -> dict[UUID, int]:
        """Read the state of what waits in the outbox."""
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            rows = await tx.fetch("SELECT message_id, state FROM outbox WHERE workspace_id = $1", self.workspace.id)
        return {row["message_id"]: row["state"] for row in rows}

    async def change(self, statement: str) -> None:
        """Change rows of the workspace; ``$1`` is its id."""
        async with self.runtime.database.workspace(self.workspace.id) as tx:
            await tx.execute(statement, self.workspace.id)


@pytest.fixture
async def shop(runtime: Runtime, workspace: WorkspaceFixture) -> Shop:
    """A shop with five people."""
    number_id = await make_number(runtime, workspace)
    return Shop(runtime, workspace, number_id, await make_contacts(runtime, workspace, 5))


async def test_every_queued_message_is_sent_once_and_settled(shop: Shop, runtime: Runtime) -> None:
    provider = ScriptedProvider()
    async with dispatching(runtime, provider):
        sent = await shop.queue()
        await until(lambda: _all(shop, 30))
    assert sorted(provider.calls) == sorted(sent)
    assert await shop.outbox() == {}


async def _all(shop: Shop, status: int) -> bool:
    found = await shop.statuses()
    return bool(found) and set(found.values()) == {status}


async def test_a_refusal_is_final_and_a_throttle_is_not(shop: Shop, runtime: Runtime) -> None:
    refusal = Refused(failure=SendFailure(code=FailureCode.NOT_ON_WHATSAPP, provider_code=131026))
    throttle = Requeue(
        failure=SendFailure(code=FailureCode.NUMBER_RATE_LIMIT), retry_after_seconds=0, scope="number", slow_down=True
    )
    provider = ScriptedProvider(script=[refusal, throttle])
    async with dispatching(runtime, provider):
        await shop.queue(count=2)
        await until(lambda: _settled(shop))
    assert sorted((await shop.statuses()).values()) == [30, 90]
    assert len(provider.calls) == 3


async def _settled(shop: Shop) -> bool:
    return await shop.outbox() == {}


async def test_an_unknown_outcome_is_never_sent_again_by_time_alone(shop: Shop, runtime: Runtime) -> None:
    provider = ScriptedProvider(script=[InDoubt(reason="read_timeout")])
    async with dispatching(runtime, provider):
        [message_id] = await shop.queue(count=1)
        await until(lambda: _is(shop, message_id, 2))
        await shop.change("UPDATE outbox SET on_wire_at = now() - interval '2 days' WHERE workspace_id = $1")
        for _ in range(3):
            await recover_unknown_outcomes(runtime, no_sink)
        await shop.queue(Lane.INTERACTIVE, count=1)
        await until(lambda: _calls(provider, 2))
    assert provider.calls.count(message_id) == 1
    assert await shop.outbox() == {message_id: 2}
    assert (await shop.statuses())[message_id] == 25


async def _is(shop: Shop, message_id: UUID, state: int) -> bool:
    return (await shop.outbox()).get(message_id) == state


async def _calls(provider: ScriptedProvider, count: int) -> bool:
    return len(provider.calls) >= count


async def test_an_account_may_choose_to_resend_after_a_long_silence(shop: Shop, runtime: Runtime) -> None:
    await shop.change("UPDATE channel_accounts SET unknown_outcome = 'resend_after_silence' WHERE workspace_id = $1")
    provider = ScriptedProvider(script=[InDoubt(reason="read_timeout")])
    async with dispatching(runtime, provider):
        [message_id] = await shop.queue(count=1)
        await until(lambda: _is(shop, message_id, 2))
        assert await recover_unknown_outcomes(runtime, no_sink) == 0
        await shop.change("UPDATE outbox SET on_wire_at = now() - interval '1 hour' WHERE workspace_id = $1")
        assert await recover_unknown_outcomes(runtime, no_sink) == 1
        await until(lambda: _all(shop, 30))
    assert provider.calls == [message_id, message_id]


async def test_what_a_dead_sender_left_on_the_wire_becomes_doubtful(shop: Shop, runtime: Runtime) -> None:
    [message_id] = await shop.queue(count=1)
    await shop.change(
        "UPDATE outbox SET state = 1, owner = gen_random_uuid(), on_wire_at = now() - interval '5 minutes'"
        " WHERE workspace_id = $1"
    )
    assert await recover_unknown_outcomes(runtime, no_sink) == 1
    assert (await shop.outbox(), await shop.statuses()) == ({message_id: 2}, {message_id: 25})


async def test_a_person_who_opted_out_meanwhile_gets_no_bulk_message(shop: Shop, runtime: Runtime) -> None:
    sent = await shop.queue()
    await shop.change("UPDATE contacts SET opted_out_at = now() WHERE workspace_id = $1 AND name = 'Orang 2'")
    provider = ScriptedProvider()
    async with dispatching(runtime, provider):
        await until(lambda: _settled(shop))
    assert sorted(provider.calls) == sorted(one for one in sent if one != sent[2])
    assert (await shop.statuses())[sent[2]] == 90


async def test_a_number_in_trouble_stops_and_its_messages_wait(shop: Shop, runtime: Runtime) -> None:
    trouble = Refused(failure=SendFailure(code=FailureCode.NUMBER_SPAM_RESTRICTED, provider_code=131048))
    provider = ScriptedProvider(script=[trouble] * 50)
    async with dispatching(runtime, provider):
        await shop.queue(count=1)
        await until(lambda: _held(shop))
        await shop.queue()
        await asyncio.sleep(0.5)
    assert len(provider.calls) == 1
    assert set((await shop.outbox()).values()) == {0}
    assert set((await shop.statuses()).values()) == {10}


async def _held(shop: Shop) -> bool:
    async with shop.runtime.database.workspace(shop.workspace.id) as tx:
        reason = await tx.fetchval("SELECT held_reason FROM numbers WHERE workspace_id = $1", shop.workspace.id)
    return bool(reason == "number_spam_restricted")


async def test_replies_overtake_bulk_that_waits(shop: Shop, runtime: Runtime) -> None:
    bulk = await shop.queue()
    reply = (await shop.queue(Lane.INTERACTIVE, count=1))[0]
    provider = ScriptedProvider()
    async with dispatching(runtime, provider):
        await until(lambda: _settled(shop))
    assert provider.calls[0] == reply
    assert sorted(provider.calls[1:]) == sorted(bulk)


async def test_two_dispatchers_never_send_the_same_message(shop: Shop, runtime: Runtime) -> None:
    first, second = ScriptedProvider(), ScriptedProvider()
    async with dispatching(runtime, first), dispatching(runtime, second):
        sent = [one for _ in range(20) for one in await shop.queue()]
        await until(lambda: _settled(shop))
    assert sorted(first.calls + second.calls) == sorted(sent)


async def test_a_message_with_unreadable_content_fails_alone(shop: Shop, runtime: Runtime) -> None:
    sent = await shop.queue(count=2)
    async with runtime.database.workspace(shop.workspace.id) as tx:
        await tx.execute(
            "UPDATE messages SET content = '{}' WHERE workspace_id = $1 AND id = $2", tx.workspace_id, sent[0]
        )
    provider = ScriptedProvider()
    async with dispatching(runtime, provider):
        await until(lambda: _settled(shop))
    assert provider.calls == [sent[1]]
    assert (await shop.statuses())[sent[0]] == 90
