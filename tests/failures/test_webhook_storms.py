"""F-09 and F-10: webhooks in any order, any number of times and very many at once; each counts once and none is lost."""

import asyncio
import contextlib
import hmac
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import aiohttp
import msgspec
import pytest

from blazz.adapters.providers.meta_cloud import MetaCloudProvider, MetaCloudSettings
from blazz.adapters.providers.simulator.webhooks import status, text_message
from blazz.domains.inbox import OutcomeDelta, WebhookProcessor
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime
from tests.conftest import SECRET, WorkspaceFixture
from tests.domains.inbox.test_receiving import PHONE, queue_one
from tests.factories import make_contacts, make_number
from tests.support_processes import free_port

NUMBER = "200000000000001"
_LEVELS = {"sent": 35, "delivered": 40, "read": 50}
Json = dict[str, object]


def envelope(statuses: Sequence[Json] = (), messages: Sequence[Json] = ()) -> bytes:
    """Write one delivery as the provider does."""
    value: Json = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "628111000001", "phone_number_id": NUMBER},
    }
    if statuses:
        value["statuses"] = list(statuses)
    if messages:
        value["messages"] = list(messages)
        value["contacts"] = [{"wa_id": one["from"], "profile": {"name": "Budi"}} for one in messages]
    entry = {"id": "100000000000001", "changes": [{"field": "messages", "value": value}]}
    return msgspec.json.encode({"object": "whatsapp_business_account", "entry": [entry]})


async def store(runtime: Runtime, bodies: Sequence[bytes]) -> None:
    """Put deliveries where the intake puts them."""
    async with runtime.database.system() as tx:
        await tx.execute(
            "INSERT INTO webhook_deliveries (id, provider, body)"
            " SELECT gen_random_uuid(), 'meta_cloud', body FROM unnest($1::bytea[]) AS body",
            list(bodies),
        )


@dataclass(frozen=True, slots=True)
class Week:
    """What happened to the messages of a week around the first of a month, and the updates that tell of it."""

    truth: dict[UUID, dict[str, datetime]]
    updates: list[Json]


def make_week(message_ids: Sequence[UUID], chance: random.Random) -> Week:
    """Let each message get some way; each update comes one to five times, sometimes again with a later instant."""
    first = datetime.now(UTC).replace(day=1, hour=0, minute=0) - timedelta(days=3)
    week = Week({}, [])
    for message_id in message_ids:
        at = first + timedelta(seconds=chance.uniform(0, 6 * 86_400))
        for name in list(_LEVELS)[: chance.randint(1, 3)]:
            at = (at + timedelta(seconds=chance.uniform(1, 40_000))).replace(microsecond=0)
            week.truth.setdefault(message_id, {})[name] = at
            item = status(PHONE, f"wamid.{message_id.hex}", message_id.hex, name)
            item["timestamp"] = str(int(at.timestamp()))
            again = item | {"timestamp": str(int(at.timestamp()) + 9)}
            week.updates.extend([item, *(chance.choice([item, again]) for _ in range(chance.randint(0, 4)))])
    return week


def bundle(events: list[tuple[str, Json]], chance: random.Random) -> list[bytes]:
    """Write events into deliveries of one to six each."""
    bodies = []
    while events:
        size = chance.randint(1, 6)
        part, events = events[:size], events[size:]
        bodies.append(envelope(*([item for kind, item in part if kind == wanted] for wanted in ("status", "message"))))
    return bodies


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_events_in_any_order_and_number_across_a_month_count_once_and_never_go_back(
    runtime: Runtime, workspace: WorkspaceFixture, seed: int
) -> None:
    chance = random.Random(seed)
    number_id = await make_number(runtime, workspace)
    [contact_id] = await make_contacts(runtime, workspace, 1)
    week = make_week([await queue_one(runtime, workspace, number_id, contact_id) for _ in range(40)], chance)
    inbound = [text_message(PHONE, f"wamid.IN{index}", f"Halo {index}") for index in range(30)]
    events = [("status", item) for item in week.updates]
    events += [("message", item) for item in inbound for _ in range(chance.randint(1, 5))]
    chance.shuffle(events)
    bodies = bundle(events, chance)
    processor = WebhookProcessor(
        runtime=runtime, providers={"meta_cloud": MetaCloudProvider(MetaCloudSettings())}, sink=no_sink
    )
    levels: dict[UUID, int] = {}
    for start in range(0, len(bodies), 12):
        await store(runtime, bodies[start : start + 12])
        await processor.run_once()
        async with runtime.database.workspace(workspace.id) as tx:
            rows = await tx.fetch("SELECT id, status FROM messages WHERE direction = 1")
        gone_back = [row["id"] for row in rows if row["status"] < levels.get(row["id"], 0)]
        assert gone_back == []
        levels = {row["id"]: row["status"] for row in rows}
    async with runtime.database.workspace(workspace.id) as tx:
        rows = await tx.fetch("SELECT id, status, sent_at, delivered_at, read_at FROM messages WHERE direction = 1")
        received = await tx.fetch("SELECT provider_message_id FROM messages WHERE direction = 0")
        unread = await tx.fetchval("SELECT unread_count FROM conversations")
    for row in rows:
        truth = week.truth[row["id"]]
        assert row["status"] == max(_LEVELS[name] for name in truth)
        assert {name: row[f"{name}_at"] for name in _LEVELS if row[f"{name}_at"] is not None} == truth
    assert sorted(row["provider_message_id"] for row in received) == sorted(str(item["id"]) for item in inbound)
    assert unread == len(inbound)


async def no_sink(_tx: WorkspaceTx, _deltas: Sequence[OutcomeDelta]) -> None:
    """Count nothing: these messages belong to no campaign."""


@asynccontextmanager
async def web_process(owner_url: str, home: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the web process as an installation does, until it is killed or the block ends."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BLAZZ_")} | {
        "BLAZZ_HOME": str(home),
        "BLAZZ_DATABASE_URL": owner_url,
        "BLAZZ_SECRET_KEY": SECRET,
        "BLAZZ_PORT": str(port),
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "blazz", "run", "web", env=environment)
    try:
        async with aiohttp.ClientSession() as session:
            deadline = time.monotonic() + 30
            while True:
                assert process.returncode is None
                assert time.monotonic() < deadline
                try:
                    async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                        if answer.status == 200:
                            break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@dataclass(slots=True)
class Burst:
    """Sends deliveries from many connections and remembers which were acknowledged, and how fast."""

    url: str
    acknowledged: list[bytes]
    seconds: list[float]
    refused: int = 0
    numbers: int = 0

    async def send(self, count: int, connections: int) -> None:
        """Send as many deliveries; a connection that breaks ends quietly, as its delivery was not acknowledged."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections)) as session:
            await asyncio.gather(*(self._sender(session, count // connections) for _ in range(connections)))

    async def _sender(self, session: aiohttp.ClientSession, count: int) -> None:
        for _ in range(count):
            self.numbers += 1
            body = envelope([status(PHONE, f"wamid.{self.numbers}", None, "sent") | {"n": self.numbers}])
            signature = hmac.digest(b"simulator-app-secret", body, "sha256").hex()
            started = time.monotonic()
            try:
                async with session.post(
                    self.url, data=body, headers={"X-Hub-Signature-256": f"sha256={signature}"}
                ) as answer:
                    await answer.read()
            except aiohttp.ClientError:
                return
            if answer.status == 200:
                self.acknowledged.append(body)
                self.seconds.append(time.monotonic() - started)
            else:
                self.refused += 1


async def test_a_burst_is_acknowledged_quickly_and_survives_a_killed_web_process(
    runtime: Runtime, workspace: WorkspaceFixture, owner_url: str, tmp_path: Path
) -> None:
    await make_number(runtime, workspace)
    async with runtime.database.workspace(workspace.id) as tx:
        account_id = await tx.fetchval("SELECT id FROM channel_accounts")
    port, home = free_port(), tmp_path / "home"
    burst = Burst(f"http://127.0.0.1:{port}/webhooks/meta/{encode_id('acc', account_id)}", [], [])
    async with web_process(owner_url, home, port) as process:
        await burst.send(2_000, 50)
        assert (burst.refused, len(burst.acknowledged)) == (0, 2_000)
        ranked = sorted(burst.seconds)
        median, slowest = ranked[len(ranked) // 2], ranked[len(ranked) * 99 // 100]
        print(f"2,000 webhooks on 50 connections: median {median * 1000:.0f} ms, p99 {slowest * 1000:.0f} ms")
        assert median <= 0.25
        # Killed in the middle of the next burst.
        storm = asyncio.create_task(burst.send(2_000, 50))
        while len(burst.acknowledged) < 2_500:  # noqa: ASYNC110 - another process decides when this happens
            await asyncio.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        await storm
    between = len(burst.acknowledged)
    assert between < 4_000
    async with web_process(owner_url, home, port):
        await burst.send(500, 50)
    assert (burst.refused, len(burst.acknowledged)) == (0, between + 500)
    async with runtime.database.system() as tx_all:
        kept = [row["body"] for row in await tx_all.fetch("SELECT body FROM webhook_deliveries")]
    # What was not acknowledged may be there as well; it would be sent again and counts once by its ids.
    assert set(burst.acknowledged) <= set(kept)
    assert len(kept) == len(set(kept))
