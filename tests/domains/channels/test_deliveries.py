"""Stored webhooks are claimed by one processor at a time, and leave only with what they caused."""

from pathlib import Path

from blazz.domains.channels import store
from blazz.domains.channels.intake import WebhookIntake
from blazz.kernel.db import Database
from blazz.kernel.ids import new_uuid7
from blazz.kernel.security import Envelope
from tests.conftest import WorkspaceFixture
from tests.domains.channels.support import make_account


async def fill(database: Database, folder: Path, count: int) -> None:
    intake = WebhookIntake(database, folder)
    await intake.start()
    for number in range(count):
        await intake.accept("meta_cloud", b"%d" % number)
    await intake.stop()


async def test_two_processors_never_hold_the_same_delivery(database: Database, tmp_path: Path) -> None:
    await fill(database, tmp_path, 4)
    async with database.system() as one, database.system() as two:
        mine = await store.claim_deliveries(one, 3)
        theirs = await store.claim_deliveries(two, 3)
        assert [item.body for item in mine] == [b"0", b"1", b"2"]
        assert [item.body for item in theirs] == [b"3"]
        await store.delete_deliveries(one, [item.id for item in mine])
    async with database.system() as tx:
        assert [item.body for item in await store.claim_deliveries(tx, 10)] == [b"3"]


async def test_a_parked_delivery_is_kept_with_its_problem_and_can_be_released(
    database: Database, tmp_path: Path
) -> None:
    await fill(database, tmp_path, 2)
    async with database.system() as tx:
        first, second = await store.claim_deliveries(tx, 2)
        await store.park_delivery(tx, first.id, "unknown number")
        await store.postpone_delivery(tx, second.id, 60)
    async with database.system() as tx:
        assert await store.claim_deliveries(tx, 10) == []
        row = await tx.fetchrow("SELECT problem, attempts FROM webhook_deliveries WHERE id = $1", first.id)
        assert row is not None
        assert (row["problem"], row["attempts"]) == ("unknown number", 1)
        assert await store.release_parked(tx) == 1
        assert [item.id for item in await store.claim_deliveries(tx, 10)] == [first.id]


async def test_numbers_and_accounts_are_routed_to_their_workspaces(
    database: Database, envelope: Envelope, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    account, number = await make_account(database, envelope, workspace.id)
    other_account, _ = await make_account(database, envelope, other_workspace.id, provider_number_id="2002")
    async with database.system() as tx:
        found = await store.route_numbers(tx, "meta_cloud", ["1001", "9999"])
        assert set(found) == {"1001"}
        assert (found["1001"].workspace_id, found["1001"].number_id) == (workspace.id, number)
        assert await store.route_numbers(tx, "whatsmeow", ["1001"]) == {}
        accounts = await store.route_accounts(tx, "meta_cloud", ["waba1"])
        assert sorted(accounts["waba1"]) == sorted([(workspace.id, account), (other_workspace.id, other_account)])
        assert await store.find_webhook_account(tx, new_uuid7()) is None
