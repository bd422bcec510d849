"""Webhooks applied: each inbound message once, statuses only forward, STOP at once, and nothing across workspaces."""

import random
import time
from collections.abc import Sequence
from uuid import UUID

import msgspec
import pytest

from blazz.adapters.providers.meta_cloud import MetaCloudProvider, MetaCloudSettings
from blazz.adapters.providers.simulator.webhooks import status, text_message
from blazz.domains.inbox import Lane, NewOutbound, Origin, OutcomeDelta, WebhookProcessor, enqueue_messages
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import new_uuid7
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.factories import make_contacts, make_number

PHONE = "6281200000000"


class Counting:
    """A sink that remembers what it was told."""

    def __init__(self) -> None:
        self.deltas: list[OutcomeDelta] = []

    async def __call__(self, _tx: WorkspaceTx, deltas: Sequence[OutcomeDelta]) -> None:
        self.deltas.extend(deltas)


@pytest.fixture
def sink() -> Counting:
    """A fresh sink."""
    return Counting()


@pytest.fixture
def processor(runtime: Runtime, sink: Counting) -> WebhookProcessor:
    """A processor with the real adapter's parser."""
    return WebhookProcessor(
        runtime=runtime, providers={"meta_cloud": MetaCloudProvider(MetaCloudSettings())}, sink=sink
    )


async def deliver(
    runtime: Runtime,
    *,
    statuses: Sequence[dict[str, object]] = (),
    messages: Sequence[dict[str, object]] = (),
    number: str = "200000000000001",
) -> None:
    """Put one delivery where the intake puts them."""
    value: dict[str, object] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "628111000001", "phone_number_id": number},
    }
    if statuses:
        value["statuses"] = list(statuses)
    if messages:
        value["messages"] = list(messages)
        value["contacts"] = [{"wa_id": one["from"], "profile": {"name": "Budi"}} for one in messages]
    entry = {"id": "100000000000001", "changes": [{"field": "messages", "value": value}]}
    body = msgspec.json.encode({"object": "whatsapp_business_account", "entry": [entry]})
    async with runtime.database.system() as tx:
        await tx.execute(
            "INSERT INTO webhook_deliveries (id, provider, body) VALUES ($1, 'meta_cloud', $2)", new_uuid7(), body
        )


async def queue_one(runtime: Runtime, workspace: WorkspaceFixture, number_id: UUID, contact_id: UUID) -> UUID:
    """Queue a message as if a sender had just put it on the wire."""
    row = NewOutbound(
        message_id=new_uuid7(),
        number_id=number_id,
        contact_id=contact_id,
        address=PHONE,
        kind="text",
        body="Halo",
        content_json='{"type":"text","body":"Halo"}',
        lane=Lane.BULK,
        origin=Origin.CAMPAIGN,
        campaign_id=new_uuid7(),
    )
    async with runtime.database.workspace(workspace.id) as tx:
        await enqueue_messages(tx, [row])
        await tx.execute("UPDATE outbox SET state = 1, on_wire_at = now() WHERE workspace_id = $1", workspace.id)
    return row.message_id


async def count(runtime: Runtime, workspace: WorkspaceFixture, table: str) -> int:
    """Count a table's rows in a workspace."""
    async with runtime.database.workspace(workspace.id) as tx:
        return int(await tx.fetchval(f"SELECT count(*) FROM {table}"))


async def test_a_repeated_message_is_stored_once_and_opens_one_conversation(
    runtime: Runtime, workspace: WorkspaceFixture, processor: WebhookProcessor
) -> None:
    await make_number(runtime, workspace)
    hello = text_message(PHONE, "wamid.IN1", "Halo kak")
    await deliver(runtime, messages=[hello, text_message(PHONE, "wamid.IN2", "Masih ada?")])
    await deliver(runtime, messages=[hello, hello])
    assert await processor.run_once() == 2
    await deliver(runtime, messages=[hello])
    assert await processor.run_once() == 1
    async with runtime.database.workspace(workspace.id) as tx:
        thread = await tx.fetchrow(
            "SELECT unread_count, preview, window_closes_at > now() + interval '23 hours' AS open FROM conversations"
        )
        contact = await tx.fetchrow("SELECT name, phone FROM contacts")
    assert thread is not None
    assert contact is not None
    assert (thread["unread_count"], thread["preview"], thread["open"]) == (2, "Masih ada?", True)
    assert (contact["name"], contact["phone"]) == ("Budi", f"+{PHONE}")
    assert await count(runtime, workspace, "messages") == 2
    assert await processor.run_once() == 0


async def test_statuses_in_any_order_and_any_number_end_the_same(
    runtime: Runtime, workspace: WorkspaceFixture, processor: WebhookProcessor, sink: Counting
) -> None:
    number_id = await make_number(runtime, workspace)
    [contact_id] = await make_contacts(runtime, workspace, 1)
    message_id = await queue_one(runtime, workspace, number_id, contact_id)
    updates = [status(PHONE, "wamid.X", message_id.hex, name) for name in ("sent", "delivered", "read", "sent")] * 3
    random.Random(5).shuffle(updates)
    for update in updates:
        await deliver(runtime, statuses=[update])
        await processor.run_once()
    async with runtime.database.workspace(workspace.id) as tx:
        row = await tx.fetchrow("SELECT status, sent_at, delivered_at, read_at FROM messages")
    assert row is not None
    assert row["status"] == 50
    assert None not in (row["sent_at"], row["delivered_at"], row["read_at"])
    totals = {
        name: sum(getattr(one, name) for one in sink.deltas) for name in ("accepted", "delivered", "read", "failed")
    }
    assert totals == {"accepted": 1, "delivered": 1, "read": 1, "failed": 0}
    assert await count(runtime, workspace, "outbox") == 0


async def test_a_late_delivery_outranks_a_failure_and_a_late_failure_does_not_outrank_a_delivery(
    runtime: Runtime, workspace: WorkspaceFixture, processor: WebhookProcessor, sink: Counting
) -> None:
    number_id = await make_number(runtime, workspace)
    [contact_id] = await make_contacts(runtime, workspace, 1)
    message_id = await queue_one(runtime, workspace, number_id, contact_id)
    failed = status(PHONE, "wamid.X", message_id.hex, "failed", code=131026)
    for update in (failed, status(PHONE, "wamid.X", message_id.hex, "delivered"), failed):
        await deliver(runtime, statuses=[update])
        await processor.run_once()
    async with runtime.database.workspace(workspace.id) as tx:
        row = await tx.fetchrow("SELECT status, error_code FROM messages")
    assert row is not None
    assert (row["status"], row["error_code"]) == (40, None)
    assert sum(one.failed for one in sink.deltas) == 0


async def test_a_status_without_our_id_is_found_by_the_provider_s(
    runtime: Runtime, workspace: WorkspaceFixture, processor: WebhookProcessor
) -> None:
    number_id = await make_number(runtime, workspace)
    [contact_id] = await make_contacts(runtime, workspace, 1)
    message_id = await queue_one(runtime, workspace, number_id, contact_id)
    await deliver(runtime, statuses=[status(PHONE, "wamid.X", None, "read")])
    await processor.run_once()
    # Nobody knows wamid.X yet: the delivery waits, and is not lost.
    async with runtime.database.system() as tx:
        assert await tx.fetchval("SELECT attempts FROM webhook_deliveries") == 1
        await tx.execute("UPDATE webhook_deliveries SET not_before = now()")
    await deliver(runtime, statuses=[status(PHONE, "wamid.X", message_id.hex, "sent")])
    deadline = time.monotonic() + 10
    while await processor.run_once() or time.monotonic() < deadline:
        async with runtime.database.system() as tx:
            await tx.execute("UPDATE webhook_deliveries SET not_before = now()")
            if not await tx.fetchval("SELECT count(*) FROM webhook_deliveries"):
                break
    async with runtime.database.workspace(workspace.id) as tx_workspace:
        assert await tx_workspace.fetchval("SELECT status FROM messages") == 50


@pytest.mark.parametrize(("text", "stops"), [("BERHENTI", True), (" stop. ", True), ("Berhenti di mana?", False)])
async def test_only_a_whole_stop_word_stops_promotions(
    runtime: Runtime, workspace: WorkspaceFixture, processor: WebhookProcessor, text: str, stops: bool
) -> None:
    number_id = await make_number(runtime, workspace)
    [contact_id] = await make_contacts(runtime, workspace, 1)
    await queue_one(runtime, workspace, number_id, contact_id)
    async with runtime.database.workspace(workspace.id) as tx:
        await tx.execute("UPDATE outbox SET state = 0, on_wire_at = NULL WHERE workspace_id = $1", workspace.id)
    await deliver(runtime, messages=[text_message(PHONE, "wamid.STOP", text)])
    await processor.run_once()
    async with runtime.database.workspace(workspace.id) as tx:
        opted_out = await tx.fetchval("SELECT opted_out_at IS NOT NULL FROM contacts")
        waiting = await tx.fetchval("SELECT count(*) FROM outbox WHERE lane = 1")
    assert (opted_out, waiting) == (stops, 0 if stops else 1)


async def test_a_webhook_of_an_unknown_number_changes_nothing(
    runtime: Runtime, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture, processor: WebhookProcessor
) -> None:
    await make_number(runtime, workspace)
    await deliver(runtime, messages=[text_message(PHONE, "wamid.A", "Halo")], number="999")
    await deliver(runtime, messages=[text_message(PHONE, "wamid.B", "Halo")])
    assert await processor.run_once() == 2
    assert await count(runtime, workspace, "messages") == 1
    assert await count(runtime, other_workspace, "messages") == 0
