"""A disk that is nearly full: bulk work waits and says why, everything else goes on, and it goes on by itself."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from blazz.domains.campaigns import get_campaign, get_stats, list_log, pause_campaign, start_campaign
from blazz.domains.contacts.imports import run as import_run
from blazz.domains.contacts.imports import service as imports
from blazz.domains.contacts.imports.types import ImportOptions
from blazz.domains.inbox import Lane, NewOutbound, Origin, enqueue_messages
from blazz.kernel.ids import encode_id, new_uuid7
from blazz.kernel.runtime import Runtime
from blazz.kernel.space import DiskUsage, note_space
from blazz.main.wiring import Providers
from blazz.main.worker import Worker
from tests.conftest import WorkspaceFixture
from tests.domains.campaigns.support import NOW, make_campaign
from tests.domains.campaigns.test_freezing import start
from tests.domains.contacts.test_imports import MESSY, Bench
from tests.main import test_campaign_end_to_end as end_to_end
from tests.support_processes import simulator

MB = 1024 * 1024
PLENTY, LITTLE, NOTHING = 90_000 * MB, 2_000 * MB, 100 * MB


@dataclass(slots=True)
class Disk:
    """A disk whose free space a test sets."""

    free_bytes: int = PLENTY
    looks: int = 0

    def __call__(self) -> DiskUsage:
        """Measure it."""
        self.looks += 1
        return DiskUsage(free_bytes=self.free_bytes, total_bytes=100_000 * MB)


async def note(runtime: Runtime, free_bytes: int) -> None:
    """Let a worker find that much room."""
    async with runtime.database.system() as tx:
        await note_space(tx, DiskUsage(free_bytes=free_bytes, total_bytes=100_000 * MB), runtime.settings)


async def until(check: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Wait for a state, and fail when it does not come."""
    deadline = time.monotonic() + seconds
    while not await check():
        assert time.monotonic() < deadline, "the expected state did not come"
        await asyncio.sleep(0.05)


async def queue_by_api(runtime: Runtime, workspace: WorkspaceFixture) -> UUID:
    """Queue one message as the API does."""
    async with runtime.database.workspace(workspace.id) as tx:
        row = await tx.fetchrow("SELECT id, substr(phone, 2) AS address FROM contacts ORDER BY id LIMIT 1")
        assert row is not None
        message = NewOutbound(
            message_id=new_uuid7(),
            number_id=await tx.fetchval("SELECT id FROM numbers"),
            contact_id=row["id"],
            address=row["address"],
            kind="text",
            body="Halo",
            content_json='{"type":"text","body":"Halo"}',
            lane=Lane.INTERACTIVE,
            origin=Origin.API,
        )
        await enqueue_messages(tx, [message])
    return message.message_id


async def was_answered(runtime: Runtime, workspace: WorkspaceFixture, message_id: UUID) -> bool:
    """Tell whether the provider was asked and answered; it refuses a text outside of a conversation."""
    async with runtime.database.workspace(workspace.id) as tx:
        return bool(await tx.fetchval("SELECT status >= 30 FROM messages WHERE id = $1", message_id))


@asynccontextmanager
async def working_on(runtime: Runtime, disk: Disk) -> AsyncIterator[None]:
    """Run a worker on a disk of the test."""
    providers = Providers(runtime.settings)
    worker = Worker(runtime, providers, disk=disk)
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await asyncio.wait_for(task, 40)
        await providers.aclose()


async def test_a_running_campaign_waits_with_a_reason_and_goes_on_by_itself(
    runtime: Runtime,
    workspace: WorkspaceFixture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    api: httpx.AsyncClient,
) -> None:
    monkeypatch.setattr("blazz.main.worker._SPACE_SECONDS", 0.1)
    disk = Disk(free_bytes=NOTHING)
    async with simulator(tmp_path / "simulator") as url:
        campaign = await end_to_end.make_campaign(runtime, workspace, url)
        async with runtime.database.workspace(workspace.id) as tx:
            await start_campaign(tx, workspace.owner, campaign.id, now=runtime.clock.now())
        path = f"/api/v1/workspaces/{workspace.slug}/campaigns/{encode_id('cmp', campaign.id)}"

        async def shown() -> dict[str, object]:
            answer: dict[str, object] = (await api.get(path, headers={"accept-language": "id"})).json()
            return answer

        async def is_held() -> bool:
            return (await shown())["hold"] is not None

        async def all_accepted() -> bool:
            async with runtime.database.workspace(workspace.id) as tx:
                return (await get_stats(tx, workspace.owner, campaign.id)).accepted == end_to_end.PEOPLE

        async with working_on(runtime, disk):
            await until(is_held)
            held = await shown()
            assert held["hold"] == {
                "code": "storage_full",
                "message": "Menunggu: penyimpanan instalasi ini hampir penuh. Kampanye berlanjut sendiri setelah ada"
                " ruang lagi.",
            }
            # A message of the API goes out all the same.
            message_id = await queue_by_api(runtime, workspace)
            await until(lambda: was_answered(runtime, workspace, message_id))
            assert await is_held()
            ready = await api.get("/readyz")
            assert (ready.status_code, ready.json()["storage"][:4]) == (200, "full")
            metrics = (await api.get("/metrics")).text
            assert "blazz_storage_level 2.0" in metrics
            [free] = re.findall(r"^blazz_storage_free_bytes (\S+)$", metrics, re.MULTILINE)
            assert float(free) == NOTHING
            async with runtime.database.workspace(workspace.id) as tx:
                assert (await get_stats(tx, workspace.owner, campaign.id)).queued == 0
            # A little more than the threshold is not enough to go on.
            looks, disk.free_bytes = disk.looks, 1_100 * MB
            await until(lambda: _looked_again(disk, looks + 2))
            assert await is_held()
            disk.free_bytes = PLENTY
            await until(all_accepted, 40)
        assert (await shown())["hold"] is None
    async with runtime.database.workspace(workspace.id) as tx:
        actions = [entry.action for entry in await list_log(tx, workspace.owner, campaign.id, limit=20)]
        assert (actions.count("held"), actions.count("released")) == (1, 1)
        types = [row["type"] for row in await tx.fetch("SELECT type FROM events WHERE type LIKE 'campaign.%'")]
        assert {"campaign.held", "campaign.released"} <= set(types)


async def _looked_again(disk: Disk, looks: int) -> bool:
    return disk.looks >= looks


async def test_starting_is_refused_and_a_due_campaign_stays_scheduled(
    runtime: Runtime, workspace: WorkspaceFixture, api: httpx.AsyncClient
) -> None:
    from blazz.domains.campaigns import feed_once

    campaign_id = await make_campaign(runtime.database, workspace.owner)
    await note(runtime, NOTHING)
    path = f"/api/v1/workspaces/{workspace.slug}/campaigns/{encode_id('cmp', campaign_id)}"
    refused = await api.post(f"{path}/start")
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (507, "storage_full", "60")
    async with runtime.database.workspace(workspace.id) as tx:
        await tx.execute("UPDATE campaigns SET status = 'scheduled', scheduled_at = now() - interval '1 minute'")
    await feed_once(runtime)
    await feed_once(runtime)
    waiting = (await api.get(path)).json()
    assert (waiting["status"], waiting["hold"]["code"]) == ("scheduled", "storage_full")
    await note(runtime, PLENTY)
    await feed_once(runtime)
    started = (await api.get(path)).json()
    assert (started["status"], started["hold"]) == ("preparing", None)


async def test_a_held_campaign_can_be_paused_and_then_shows_the_pause(
    runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    from blazz.domains.campaigns import feed_once

    campaign_id = await make_campaign(runtime.database, workspace.owner)
    await start(runtime, workspace, campaign_id)
    await note(runtime, NOTHING)
    assert await feed_once(runtime) == 0
    async with runtime.database.workspace(workspace.id) as tx:
        assert (await get_campaign(tx, workspace.owner, campaign_id)).held_reason == "storage_full"
        paused = await pause_campaign(tx, workspace.owner, campaign_id, now=NOW)
    assert (paused.status, paused.held_reason, paused.paused_reason) == ("paused", None, "by_hand")
    assert await feed_once(runtime) == 0


async def test_little_room_is_reported_and_stops_nothing(
    runtime: Runtime, workspace: WorkspaceFixture, api: httpx.AsyncClient
) -> None:
    from blazz.domains.campaigns import feed_once

    campaign_id = await make_campaign(runtime.database, workspace.owner)
    await start(runtime, workspace, campaign_id)
    await note(runtime, LITTLE)
    assert await feed_once(runtime) == 3
    ready = await api.get("/readyz")
    assert (ready.status_code, ready.json()["storage"].startswith("low: 2000 MB free")) == (200, True)
    assert "blazz_storage_level 1.0" in (await api.get("/metrics")).text


async def test_imports_do_not_start_and_one_that_runs_waits(
    runtime: Runtime, workspace: WorkspaceFixture, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "SPACE_PAUSE_SECONDS", 0.05)
    bench = Bench(runtime, workspace)
    job, other = await bench.upload(MESSY), await bench.upload(MESSY)
    await bench.start(job.id, ImportOptions())
    await note(runtime, NOTHING)
    url = f"/api/v1/workspaces/{workspace.slug}/contact-imports"
    for answer in (
        await api.post(url, files={"file": ("kontak.csv", MESSY.encode())}),
        await api.post(f"{url}/{encode_id('imp', other.id)}/start", json={}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    # Reading, and contacts made by hand, go on.
    assert (await api.get(url)).status_code == 200
    made = await api.post(f"/api/v1/workspaces/{workspace.slug}/contacts", json={"name": "Budi"})
    assert made.status_code == 201
    running = asyncio.create_task(import_run.run(runtime, workspace.id, job.id))

    async def is_running() -> bool:
        return (await bench.get(job.id)).status == "running"

    await until(is_running)
    await asyncio.sleep(0.3)
    assert ((await bench.get(job.id)).counts.get("rows", 0), running.done()) == (0, False)
    await note(runtime, PLENTY)
    await asyncio.wait_for(running, 20)
    assert ((await bench.get(job.id)).status, (await bench.get(job.id)).counts["rows"]) == ("completed", 5)


async def test_an_import_that_waits_can_be_cancelled(
    runtime: Runtime, workspace: WorkspaceFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "SPACE_PAUSE_SECONDS", 0.05)
    bench = Bench(runtime, workspace)
    job = await bench.upload(MESSY)
    await bench.start(job.id, ImportOptions())
    await note(runtime, NOTHING)
    running = asyncio.create_task(import_run.run(runtime, workspace.id, job.id))

    async def is_running() -> bool:
        return (await bench.get(job.id)).status == "running"

    await until(is_running)
    async with runtime.database.workspace(workspace.id) as tx:
        await imports.cancel_import(tx, bench.owner, job.id, rollback=False)
    await asyncio.wait_for(running, 20)
    assert (await bench.get(job.id)).status == "cancelled"
