"""F-30: one workspace queues thousands; fifty small ones are done nearly as soon as if they were alone."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from blazz.adapters.providers.meta_cloud.provider import CAPABILITIES
from blazz.domains.channels.ports import Accepted, Capabilities, NumberRef, OutboundMessage, SendOutcome
from blazz.domains.inbox import Dispatcher, Lane, NewOutbound, Origin, OutcomeDelta, enqueue_messages
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import new_uuid7
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture, make_workspace
from tests.factories import make_contacts, make_number
from tests.failures.stage import until

SMALL, EACH, NOISE = 20, 20, 6_000


@dataclass(slots=True)
class Provider:
    """Takes everything after a moment and remembers in which order."""

    calls: list[UUID] = field(default_factory=list)

    @property
    def capabilities(self) -> Capabilities:
        """Return those of the Cloud API."""
        return CAPABILITIES

    async def send(self, number: NumberRef, message: OutboundMessage) -> SendOutcome:
        """Take a message."""
        await asyncio.sleep(0.02)
        self.calls.append(message.message_id)
        return Accepted(provider_message_id=f"wamid.{message.message_id.hex}")

    async def mark_read(self, number: NumberRef, provider_message_id: str, *, typing: bool = False) -> None:
        """Do nothing."""


async def no_sink(_tx: WorkspaceTx, _deltas: Sequence[OutcomeDelta]) -> None:
    """Count nothing."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A workspace with a number and people."""

    workspace: WorkspaceFixture
    number_id: UUID
    contacts: list[UUID]


async def make_tenant(runtime: Runtime, index: int, people: int) -> Tenant:
    """Connect a number of its own and store people."""
    workspace = await make_workspace(runtime.database, f"Toko {index}")
    number_id = await make_number(
        runtime, workspace, provider_number_id=f"2000000000{index:05d}", messages_per_second=1000
    )
    return Tenant(workspace, number_id, await make_contacts(runtime, workspace, people))


async def queue(runtime: Runtime, tenant: Tenant) -> set[UUID]:
    """Queue a bulk message to everybody of a workspace."""
    rows = [
        NewOutbound(
            message_id=new_uuid7(),
            number_id=tenant.number_id,
            contact_id=contact_id,
            address=f"6281{200000000 + index}",
            kind="text",
            body="Halo",
            content_json='{"type":"text","body":"Halo"}',
            lane=Lane.BULK,
            origin=Origin.API,
        )
        for index, contact_id in enumerate(tenant.contacts)
    ]
    async with runtime.database.workspace(tenant.workspace.id) as tx:
        await enqueue_messages(tx, rows)
    return {row.message_id for row in rows}


async def serve_small(runtime: Runtime, tenants: list[Tenant], noisy: Tenant) -> int:
    """Return how many calls the noisy workspace made from all being queued until the small ones were done."""
    provider = Provider()
    await queue(runtime, noisy)
    dispatcher = Dispatcher(runtime=runtime, pick_provider=lambda _kind, _url: provider, sink=no_sink)
    task = asyncio.create_task(dispatcher.run())
    try:
        # The noise is at full speed before anybody else asks for anything.
        await until(lambda: len(provider.calls) >= 300)
        wanted = set().union(*[await queue(runtime, tenant) for tenant in tenants])
        before = len(provider.calls)
        await until(lambda: wanted <= set(provider.calls))
        assert len(provider.calls) - len(wanted) < NOISE, "the noise was over too early to disturb anybody"
        last = max(place for place, message_id in enumerate(provider.calls) if message_id in wanted)
        return sum(message_id not in wanted for message_id in provider.calls[before:last])
    finally:
        dispatcher.close()
        await asyncio.wait_for(task, 30)


async def test_small_workspaces_are_hardly_slower_beside_a_noisy_one(runtime: Runtime) -> None:
    tenants = [await make_tenant(runtime, index, EACH) for index in range(SMALL)]
    noisy = await make_tenant(runtime, 999, NOISE)
    # A clock would measure what else the machine does. Alone, the small ones need as many calls as they have
    # messages; within 1.5 times that is at most half as many calls of somebody else in between.
    assert await serve_small(runtime, tenants, noisy) <= 0.5 * SMALL * EACH
