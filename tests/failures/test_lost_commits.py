"""F-05: the connection is lost during COMMIT, so nobody knows whether it went through; everything happens once anyway."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from blazz.adapters.providers.simulator.acceptance_log import AcceptanceLog
from blazz.domains.campaigns import Campaign, get_campaign, get_stats, start_campaign, verify_counters
from blazz.domains.contacts.imports import run as import_run
from blazz.domains.contacts.imports.types import ImportOptions
from blazz.kernel.db import Database, PoolSizes
from blazz.kernel.db.retry import is_database_away
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime
from blazz.main.api import make_app
from blazz.main.recount import run_recount
from blazz.migrations.runner import role_urls
from tests.conftest import WorkspaceFixture
from tests.domains.contacts.test_imports import Bench
from tests.factories import make_key
from tests.failures.commit_proxy import CommitProxy, commit_proxy
from tests.main.test_campaign_end_to_end import PEOPLE, make_campaign
from tests.support_processes import free_port, simulator, web, working


@pytest.fixture
async def proxy(owner_url: str) -> AsyncIterator[CommitProxy]:
    """A proxy that loses one COMMIT in ten, half of them after the server has made it durable."""
    async with commit_proxy(owner_url, seed=5, after=0.05, before=0.05) as opened:
        yield opened


@pytest.fixture
async def shaky(proxy: CommitProxy, owner_url: str, runtime: Runtime) -> AsyncIterator[Runtime]:
    """The same installation, connected through the proxy."""
    urls = role_urls(owner_url, runtime.settings.key)
    urls = replace(urls, app=proxy.url(urls.app), system=proxy.url(urls.system))
    database = Database(urls, PoolSizes(app=8, system=6))
    await database.open()
    yield replace(runtime, database=database)
    await asyncio.wait_for(database.close(), 10)


async def test_a_request_that_is_repeated_with_its_key_until_it_is_answered_has_one_effect(
    shaky: Runtime, runtime: Runtime, workspace: WorkspaceFixture, proxy: CommitProxy
) -> None:
    token, requests = await make_key(runtime, workspace), 300
    transport = httpx.ASGITransport(app=make_app(shaky), raise_app_exceptions=False)
    path = f"/api/v1/workspaces/{workspace.slug}/contacts"
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://blazz.test", headers=headers) as client:
        answers = await asyncio.gather(*(_until_answered(runtime, client, path, n) for n in range(requests)))
        again = [await client.get(path) for _ in range(3)]
    assert {one.status_code for one in again} <= {200, 503}
    assert len({answer["id"] for answer in answers}) == requests
    async with runtime.database.workspace(workspace.id) as tx:
        # Contacts without a number: nothing but the key keeps them from being made twice.
        names = [row["name"] for row in await tx.fetch("SELECT name FROM contacts")]
        events = await tx.fetchval("SELECT count(*) FROM events WHERE type = 'contact.created'")
    assert sorted(names) == sorted(f"Orang {number}" for number in range(requests))
    assert events == requests
    assert min(proxy.lost_after, proxy.lost_before) > 10


async def _until_answered(runtime: Runtime, client: httpx.AsyncClient, path: str, number: int) -> dict[str, object]:
    """Repeat a request as a careful client does; what would be a minute of waiting is moved by hand."""
    for _ in range(60):
        answer = await client.post(path, json={"name": f"Orang {number}"}, headers={"Idempotency-Key": f"k{number}"})
        if answer.status_code == 201:
            body: dict[str, object] = answer.json()
            return body
        assert answer.status_code in {503, 409}, answer.text
        if answer.status_code == 409:
            assert answer.json()["code"] == "idempotency_in_progress"
            async with runtime.database.system() as tx:
                await tx.execute(
                    "UPDATE idempotency_keys SET created_at = now() - interval '2 minutes'"
                    " WHERE key = $1 AND status IS NULL",
                    f"k{number}",
                )
        await asyncio.sleep(0)
    raise AssertionError("never answered")


async def test_an_import_counts_every_row_once(
    shaky: Runtime, runtime: Runtime, workspace: WorkspaceFixture, proxy: CommitProxy
) -> None:
    rows = 6_000
    lines = [f"Orang {number};0812{30_000_000 + number}" for number in range(rows)] + ["Salah;abc"] * 7
    bench = Bench(runtime, workspace)
    job = await bench.upload("Nama;Telepon\n" + "\n".join(lines) + "\n")
    await bench.start(job.id, ImportOptions())
    tries = 0
    while (await bench.get(job.id)).status not in {"completed", "failed"}:
        tries += 1
        try:
            await import_run.run(shaky, workspace.id, job.id, chunk_rows=100)
        except Exception as error:
            # The job queue would run the job again.
            if not is_database_away(error):
                raise
    done = await bench.get(job.id)
    assert (done.status, done.problem) == ("completed", None)
    assert done.counts == {
        "rows": rows + 7,
        "created": rows,
        "updated": 0,
        "unchanged": 0,
        "duplicate": 0,
        "invalid": 7,
    }
    assert await bench.value("SELECT count(*) FROM contacts") == rows
    assert await bench.value("SELECT count(*) FROM contact_import_rows") == 7
    assert proxy.lost_after + proxy.lost_before == tries - 1 or tries > 1


async def test_a_campaign_is_sent_once_although_transactions_of_the_send_path_end_in_the_dark(
    shaky: Runtime, runtime: Runtime, workspace: WorkspaceFixture, proxy: CommitProxy, tmp_path: Path
) -> None:
    quick = {"send_overdue_seconds": 2.0, "in_doubt_window_seconds": 8.0, "lane_lease_seconds": 2.0}
    shaky = replace(shaky, settings=shaky.settings.model_copy(update=quick))
    async with web(shaky, free_port()) as web_url:
        async with simulator(tmp_path / "probe") as probe:
            campaign = await make_campaign(runtime, workspace, probe)
        async with runtime.database.workspace(workspace.id) as tx:
            account_id = await tx.fetchval("SELECT id FROM channel_accounts")
        callback = f"{web_url}/webhooks/meta/{encode_id('acc', account_id)}"
        async with simulator(tmp_path / "simulator", callback) as url, working(shaky):
            async with runtime.database.workspace(workspace.id) as tx:
                await tx.execute(
                    "UPDATE channel_accounts SET base_url = $1, unknown_outcome = 'resend_after_silence'", url
                )
                await start_campaign(tx, workspace.owner, campaign.id, now=runtime.clock.now())
            left = await _until_sent(runtime, workspace, campaign)
            async with runtime.database.workspace(workspace.id) as tx:
                assert await verify_counters(tx, campaign.id) == {}
    log = AcceptanceLog(tmp_path / "simulator" / "acceptances.jsonl")
    accepted = [entry.opaque for entry in log.read() if entry.type == "template"]
    log.close()
    assert (len(accepted), len(set(accepted)), left) == (PEOPLE, PEOPLE, 0)
    assert (await run_recount(runtime)).differences == []
    assert min(proxy.lost_after, proxy.lost_before) > 3


async def _until_sent(runtime: Runtime, workspace: WorkspaceFixture, campaign: Campaign) -> int:
    """Wait until the campaign is over; return how many of its messages still wait."""
    deadline = time.monotonic() + 90
    while True:
        await asyncio.sleep(0.1)
        async with runtime.database.workspace(workspace.id) as tx:
            status = (await get_campaign(tx, workspace.owner, campaign.id)).status
            stats = await get_stats(tx, workspace.owner, campaign.id)
            left: int = await tx.fetchval("SELECT count(*) FROM outbox")
        if status == "completed" and not left:
            return left
        assert time.monotonic() < deadline, f"{status}, {left} left, {stats}"
