"""After a retry, news about the first try moves no counter; every counter agrees with a recount, whatever came when."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from blazz.domains.campaigns import apply_outcomes, feed_once, get_stats, retry_failed, verify_counters
from blazz.domains.channels.failures import FailureCode, SendFailure
from blazz.domains.channels.inbound import DeliveryStatus, StatusUpdate
from blazz.domains.inbox import OutcomeDelta
from blazz.domains.inbox.statuses import apply_statuses
from blazz.kernel.db import Database
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.campaigns.support import make_campaign
from tests.domains.campaigns.test_freezing import start

NOW = datetime.now(UTC)


def news(message_id: UUID, status: DeliveryStatus, seconds: int = 0, code: FailureCode | None = None) -> StatusUpdate:
    """One status as the provider tells it, matched by our echoed id."""
    return StatusUpdate(
        "waba",
        "number",
        f"wamid.{message_id.hex}",
        status,
        NOW + timedelta(seconds=seconds),
        message_id.hex,
        errors=(SendFailure(code=code, provider_code=131026),) if code else (),
    )


async def tell(database: Database, workspace: WorkspaceFixture, *updates: StatusUpdate) -> None:
    """Apply statuses with the real counters behind them."""
    async with database.workspace(workspace.id) as tx:
        assert await apply_statuses(tx, updates, apply_outcomes, NOW) == []


async def message_ids(database: Database, workspace: WorkspaceFixture) -> list[UUID]:
    """List the workspace's messages, oldest first."""
    async with database.workspace(workspace.id) as tx:
        return [row["id"] for row in await tx.fetch("SELECT id FROM messages ORDER BY id")]


async def differences(database: Database, workspace: WorkspaceFixture, campaign_id: UUID) -> dict[str, object]:
    """Compare counters with a recount."""
    async with database.workspace(workspace.id) as tx:
        return dict(await verify_counters(tx, campaign_id))


async def running(runtime: Runtime, workspace: WorkspaceFixture, people: int) -> tuple[UUID, list[UUID]]:
    """Start a campaign and feed all of it; answer its id and its messages."""
    campaign_id = await make_campaign(runtime.database, workspace.owner, people=people)
    await start(runtime, workspace, campaign_id)
    await feed_once(runtime)
    return campaign_id, await message_ids(runtime.database, workspace)


async def test_late_news_about_a_try_that_was_repeated_moves_no_counter(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    campaign_id, [first, other] = await running(runtime, workspace, 2)
    await tell(
        database,
        workspace,
        news(first, DeliveryStatus.FAILED, code=FailureCode.NOT_ON_WHATSAPP),
        news(other, DeliveryStatus.READ),
    )
    assert await differences(database, workspace, campaign_id) == {}
    async with database.workspace(workspace.id) as tx:
        _, people = await retry_failed(tx, workspace.owner, campaign_id, now=NOW)
    assert people == 1
    await tell(database, workspace, news(first, DeliveryStatus.DELIVERED, 5), news(first, DeliveryStatus.FAILED, 6))
    assert await differences(database, workspace, campaign_id) == {}
    await feed_once(runtime)
    second = (await message_ids(database, workspace))[-1]
    await tell(database, workspace, news(second, DeliveryStatus.READ, 9), news(first, DeliveryStatus.READ, 9))
    assert await differences(database, workspace, campaign_id) == {}
    async with database.workspace(workspace.id) as tx:
        stats = await get_stats(tx, workspace.owner, campaign_id)
    assert (stats.accepted, stats.delivered, stats.read, stats.failed, stats.failures) == (2, 2, 2, 0, {})


async def test_a_failure_that_turns_into_a_delivery_leaves_the_reasons_too(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    campaign_id, [one, two] = await running(runtime, workspace, 2)
    failed = FailureCode.NOT_ON_WHATSAPP
    await tell(database, workspace, *(news(key, DeliveryStatus.FAILED, code=failed) for key in (one, two)))
    await tell(database, workspace, news(one, DeliveryStatus.DELIVERED, 3))
    async with database.workspace(workspace.id) as tx:
        stats = await get_stats(tx, workspace.owner, campaign_id)
    assert (stats.failed, stats.delivered, stats.failures) == (1, 1, {"not_on_whatsapp": 1})
    assert await differences(database, workspace, campaign_id) == {}


async def test_a_recount_finds_a_difference_in_any_counter(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    campaign_id, _ = await running(runtime, workspace, 2)
    async with database.workspace(workspace.id) as tx:
        await tx.execute(
            "UPDATE campaign_stats SET replied = replied + 1, opted_out = opted_out + 2, read = read + 3,"
            """ failures = '{"ghost": 1}' WHERE workspace_id = $1""",
            workspace.id,
        )
    assert await differences(database, workspace, campaign_id) == {
        "replied": (1, 0),
        "opted_out": (2, 0),
        "read": (3, 0),
        "failures": ({"ghost": 1}, {}),
    }


async def test_a_person_replies_and_opts_out_of_a_campaign_once(
    runtime: Runtime, database: Database, workspace: WorkspaceFixture
) -> None:
    campaign_id, _ = await running(runtime, workspace, 2)
    async with database.workspace(workspace.id) as tx:
        people = [row["contact_id"] for row in await tx.fetch("SELECT contact_id FROM campaign_recipients")]
    for _ in range(2):
        async with database.workspace(workspace.id) as tx:
            both = OutcomeDelta(campaign_id=campaign_id, replied_by=tuple(people))
            left = OutcomeDelta(campaign_id=campaign_id, opted_out_by=(people[0], people[0]))
            await apply_outcomes(tx, [both, left])
    async with database.workspace(workspace.id) as tx:
        stats = await get_stats(tx, workspace.owner, campaign_id)
    assert (stats.replied, stats.opted_out) == (2, 1)
    assert await differences(database, workspace, campaign_id) == {}
