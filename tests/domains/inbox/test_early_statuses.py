"""Statuses that come before the answer to the send is stored (failure F-11): matched by echo, or parked and replayed."""

import asyncio
import random
import time
from dataclasses import dataclass, field

from blazz.domains.channels.ports import Accepted, NumberRef, OutboundMessage, SendOutcome
from blazz.domains.inbox import Lane
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.inbox.test_sending import ScriptedProvider, Shop, dispatching, until
from tests.domains.inbox.webhooks import NUMBER, PHONE, Told, body_of
from tests.factories import make_contacts

PEOPLE = 400


def statuses(wamid: str, opaque: str | None, *names: str) -> bytes:
    """Receipts of one message, with or without the id we sent along."""
    items = [
        {"id": wamid, "status": name, "timestamp": str(int(time.time())), "recipient_id": "62812"}
        | ({} if opaque is None else {"biz_opaque_callback_data": opaque})
        for name in names
    ]
    metadata = {"display_phone_number": PHONE, "phone_number_id": NUMBER}
    return body_of("messages", {"metadata": metadata, "statuses": items}, None)


@dataclass(slots=True)
class Eager(ScriptedProvider):
    """Tells the receipts of every fifth message before it answers the send; half of those carry no id of ours."""

    told: Told | None = None
    later: list[bytes] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(11))

    async def send(self, number: NumberRef, message: OutboundMessage) -> SendOutcome:
        """Accept, sooner or later telling about it."""
        wamid = f"wamid.{message.message_id.hex}"
        self.calls.append(message.message_id)
        opaque = message.opaque_id if self.chance.random() < 0.5 else None
        body = statuses(wamid, opaque, "sent", "delivered", "read")
        if len(self.calls) % 5 == 0:
            assert self.told is not None
            await self.told.tell(body)
            await asyncio.sleep(0)
        else:
            self.later.append(body)
        return Accepted(provider_message_id=wamid)


async def test_no_status_is_orphaned_however_early_it_comes(runtime: Runtime, workspace: WorkspaceFixture) -> None:
    told = await Told(runtime, workspace).open()
    shop = Shop(runtime, workspace, told.number_id, await make_contacts(runtime, workspace, PEOPLE))
    provider = Eager(told=told)
    async with dispatching(runtime, provider):
        await shop.queue(Lane.BULK)

        async def sent() -> bool:
            return len(provider.calls) == PEOPLE and await shop.outbox() == {}

        await until(sent, 60)
    await told.tell(*provider.later)
    for _ in range(8):
        await told.retry()
    assert await told.waiting() == 0
    assert set((await shop.statuses()).values()) == {50}
    assert len(provider.calls) == len(set(provider.calls)) == PEOPLE


async def test_a_status_of_a_stranger_s_message_is_let_go_after_its_tries_whatever_the_clocks_say(
    runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    told = await Told(runtime, workspace).open()
    await told.tell(statuses("wamid.unknown", None, "sent"))
    tries = 1
    while await told.waiting():
        tries += 1
        await told.retry()
    assert tries == 8
