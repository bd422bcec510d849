"""A provider that keeps putting one message off is asked less and less often, and never counts as a failure."""

from dataclasses import dataclass, field

import msgspec

from blazz.adapters.providers.meta_cloud.mapping import outcome_of
from blazz.domains.channels.failures import FailureCode, SendFailure
from blazz.domains.channels.ports import NumberRef, OutboundMessage, Requeue, SendOutcome
from blazz.kernel.runtime import Runtime
from tests.domains.inbox.test_sending import ScriptedProvider, Shop, dispatching, shop, until

__all__ = ["shop"]


@dataclass(slots=True)
class Throttling(ScriptedProvider):
    """Says that this person got too many messages (131056) a few times, then accepts."""

    refusals: int = 5
    waits: list[float] = field(default_factory=list)

    async def send(self, number: NumberRef, message: OutboundMessage) -> SendOutcome:
        """Answer as the Cloud API does, through the real mapping."""
        if len(self.waits) >= self.refusals:
            return await ScriptedProvider.send(self, number, message)
        body = msgspec.json.encode({"error": {"code": 131056, "message": "too many to this recipient"}})
        outcome = outcome_of(400, body, pushbacks=message.pushbacks)
        assert isinstance(outcome, Requeue)
        self.waits.append(outcome.retry_after_seconds)
        return outcome


async def test_the_wait_after_repeated_throttling_of_one_recipient_grows_fourfold(shop: Shop, runtime: Runtime) -> None:
    provider = Throttling()
    async with dispatching(runtime, provider):
        [message_id] = await shop.queue(count=1)

        async def accepted() -> bool:
            # The waits themselves are not waited for.
            await shop.change("UPDATE outbox SET not_before = '-infinity' WHERE workspace_id = $1 AND state = 0")
            return (await shop.statuses())[message_id] == 30

        await until(accepted, 20)
    assert provider.waits == [1, 4, 16, 64, 256]


async def test_a_call_that_never_left_does_not_count_as_a_put_off(shop: Shop, runtime: Runtime) -> None:
    away = Requeue(failure=SendFailure(code=FailureCode.PROVIDER_UNREACHABLE), retry_after_seconds=3600, scope="app")
    provider = ScriptedProvider(script=[away])
    async with dispatching(runtime, provider):
        await shop.queue(count=1)

        async def put_back() -> bool:
            return len(provider.calls) == 1 and list((await shop.outbox()).values()) == [0]

        await until(put_back)
    async with runtime.database.workspace(shop.workspace.id) as tx:
        row = await tx.fetchrow("SELECT pushbacks, attempts, reason FROM outbox")
    assert row is not None
    assert tuple(row) == (0, 0, "provider_unreachable")


@dataclass(slots=True)
class Noting(ScriptedProvider):
    """Notes whom each message goes to."""

    recipients: list[tuple[str | None, str | None]] = field(default_factory=list)

    async def send(self, number: NumberRef, message: OutboundMessage) -> SendOutcome:
        """Accept."""
        self.recipients.append((message.to, message.recipient_bsuid))
        return await ScriptedProvider.send(self, number, message)


async def test_a_user_id_goes_where_user_ids_belong_and_a_number_where_numbers_do(shop: Shop, runtime: Runtime) -> None:
    await shop.queue(count=2)
    await shop.change("UPDATE outbox SET address = 'ID.77zzz' WHERE workspace_id = $1 AND address = '6281200000000'")
    provider = Noting()
    async with dispatching(runtime, provider):

        async def settled() -> bool:
            return await shop.outbox() == {}

        await until(settled)
    assert sorted(provider.recipients, key=str) == [("6281200000001", None), (None, "ID.77zzz")]
