"""Machines whose clocks are wrong (failure F-12): the database's clock decides, nothing is sent twice or too early."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from blazz.domains.campaigns import CampaignStatus, feed_once, get_campaign, schedule_campaign
from blazz.kernel import clock
from blazz.kernel.clock_sync import follow_database_clock
from blazz.kernel.db import Database
from blazz.kernel.ids import instant_of, new_uuid7
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.campaigns.support import make_campaign
from tests.domains.inbox.test_sending import ScriptedProvider, Shop, dispatching, shop, until

__all__ = ["shop"]
Skew = Callable[[float], None]


@pytest.fixture
def skew(monkeypatch: pytest.MonkeyPatch) -> Iterator[Skew]:
    """Make this machine's clock wrong by some seconds; it is right again after the test."""
    real = clock.wall_seconds

    def by(seconds: float) -> None:
        monkeypatch.setattr(clock, "wall_seconds", lambda: real() + seconds)
        monkeypatch.setattr("blazz.kernel.clock_sync.wall_seconds", lambda: real() + seconds)

    yield by
    clock.correct_clock(0.0)


async def database_now(database: Database) -> datetime:
    """Read the database's clock."""
    async with database.system() as tx:
        now: datetime = await tx.fetchval("SELECT clock_timestamp()")
    return now


@pytest.mark.parametrize("seconds", [-600.0, 600.0, 0.0])
async def test_instants_and_ids_follow_the_database_whatever_the_machine_says(
    runtime: Runtime, skew: Skew, seconds: float
) -> None:
    skew(seconds)
    if seconds:
        assert abs((runtime.clock.now() - await database_now(runtime.database)).total_seconds()) > 500
    await follow_database_clock(runtime.database)
    there = await database_now(runtime.database)
    assert abs((runtime.clock.now() - there).total_seconds()) < 1
    assert abs((instant_of(new_uuid7()) - there).total_seconds()) < 1


async def test_a_step_back_is_noticed_at_the_next_look(runtime: Runtime, skew: Skew) -> None:
    await follow_database_clock(runtime.database)
    skew(-30.0)
    await follow_database_clock(runtime.database)
    assert abs((runtime.clock.now() - await database_now(runtime.database)).total_seconds()) < 1


@pytest.mark.parametrize("seconds", [-600.0, 600.0])
async def test_a_schedule_fires_by_the_database_s_clock(
    runtime: Runtime, workspace: WorkspaceFixture, skew: Skew, seconds: float
) -> None:
    early = await make_campaign(runtime.database, workspace.owner)
    skew(seconds)
    await follow_database_clock(runtime.database)
    now = await database_now(runtime.database)
    async with runtime.database.workspace(workspace.id) as tx:
        await schedule_campaign(tx, workspace.owner, early, at=now + timedelta(minutes=5), now=now)
    await feed_once(runtime)
    assert await status_of(runtime, workspace, early) is CampaignStatus.SCHEDULED
    async with runtime.database.workspace(workspace.id) as tx:
        await tx.execute("UPDATE campaigns SET scheduled_at = now() WHERE workspace_id = $1", workspace.id)
    await feed_once(runtime)
    assert await status_of(runtime, workspace, early) is not CampaignStatus.SCHEDULED


async def status_of(runtime: Runtime, workspace: WorkspaceFixture, campaign_id: object) -> CampaignStatus:
    """Read a campaign's status."""
    async with runtime.database.workspace(workspace.id) as tx:
        return (await get_campaign(tx, workspace.owner, campaign_id)).status  # type: ignore[arg-type]


async def test_a_clock_that_is_wrong_and_steps_back_sends_everything_once(
    shop: Shop, runtime: Runtime, skew: Skew
) -> None:
    provider = ScriptedProvider()
    skew(600.0)
    async with dispatching(runtime, provider):
        sent = await shop.queue()
        skew(570.0)
        sent += await shop.queue()
        await asyncio.sleep(0)
        skew(-600.0)
        sent += await shop.queue()

        async def settled() -> bool:
            return await shop.outbox() == {}

        await until(settled)
    assert sorted(provider.calls) == sorted(sent)
    assert len(sent) == len(set(sent)) == 15
    rows = await shop.statuses()
    assert set(rows.values()) == {30}
    assert datetime.now(UTC).tzinfo is UTC
