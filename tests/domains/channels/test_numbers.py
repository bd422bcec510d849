"""Numbers are connected once in the whole instance, and their secrets open only where they belong."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from blazz.domains.billing import QuotaReached
from blazz.domains.channels import senders, service
from blazz.domains.channels.credentials import open_credentials, seal_credentials
from blazz.domains.channels.errors import AccountNotFound, CredentialsUnreadable, NumberNotFound, NumberTaken
from blazz.domains.channels.types import (
    Credentials,
    NewAccount,
    NewNumber,
    Number,
    NumberChanges,
    NumberStatus,
    ObservedHealth,
)
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import Database
from blazz.kernel.errors import PermissionDenied
from blazz.kernel.ids import new_uuid7
from blazz.kernel.security import Envelope, SecretKey
from tests.conftest import WorkspaceFixture

ACCOUNT = NewAccount(
    provider_account_id="waba1",
    name="Toko Sinar",
    credentials=Credentials(access_token="EAAtoken", app_secret="app secret", verify_token="verify"),
)


async def add(
    database: Database, envelope: Envelope, workspace: WorkspaceFixture, provider_number_id: str = "1001"
) -> Number:
    async with database.workspace(workspace.id) as tx:
        return await service.add_number(
            tx, workspace.owner, envelope, ACCOUNT, NewNumber(provider_number_id=provider_number_id)
        )


async def routes(database: Database) -> dict[str, int]:
    async with database.system() as tx:
        rows = await tx.fetch("SELECT provider_number_id, workspace_id FROM number_routes")
        return {row["provider_number_id"]: row["workspace_id"] for row in rows}


async def event_types(database: Database) -> list[str]:
    async with database.system() as tx:
        return [row["type"] for row in await tx.fetch("SELECT type FROM events ORDER BY id")]


async def test_the_first_number_becomes_the_default_and_is_routed(
    database: Database, envelope: Envelope, workspace: WorkspaceFixture
) -> None:
    first = await add(database, envelope, workspace)
    second = await add(database, envelope, workspace, "1002")
    assert (first.is_default, second.is_default) == (True, False)
    assert first.account_id == second.account_id
    assert await routes(database) == {"1001": workspace.id, "1002": workspace.id}
    assert await event_types(database) == ["number.added", "number.added"]


async def test_credentials_are_sealed_and_open_only_in_their_workspace(
    database: Database, envelope: Envelope, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    number = await add(database, envelope, workspace)
    async with database.workspace(workspace.id) as tx:
        sealed = await tx.fetchval("SELECT credentials FROM channel_accounts WHERE workspace_id = $1", workspace.id)
        sender = await senders.get_sender(tx, envelope, number.id)
    assert b"EAAtoken" not in sealed
    assert sender.credentials == ACCOUNT.credentials
    assert "EAAtoken" not in repr(sender)
    with pytest.raises(CredentialsUnreadable):
        open_credentials(envelope, other_workspace.id, sealed)
    with pytest.raises(CredentialsUnreadable):
        open_credentials(Envelope(SecretKey(b"another key")), workspace.id, sealed)
    assert open_credentials(envelope, 5, seal_credentials(envelope, 5, ACCOUNT.credentials)) == ACCOUNT.credentials


async def test_a_number_connected_elsewhere_is_refused_without_naming_who_holds_it(
    database: Database, envelope: Envelope, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    await add(database, envelope, other_workspace)
    with pytest.raises(NumberTaken) as caught:
        await add(database, envelope, workspace)
    assert caught.value.data == {}
    assert "Warung" not in str(caught.value)
    async with database.workspace(workspace.id) as tx:
        assert await service.list_numbers(tx, workspace.owner) == []
        assert await service.list_accounts(tx, workspace.owner) == [], "a refusal leaves no account behind"
    with pytest.raises(NumberTaken):
        await add(database, envelope, other_workspace)


async def test_a_deleted_number_may_be_connected_elsewhere_and_comes_back_under_its_id(
    database: Database, envelope: Envelope, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    number = await add(database, envelope, workspace)
    async with database.workspace(workspace.id) as tx:
        await service.delete_number(tx, workspace.owner, number.id)
    assert await routes(database) == {}
    elsewhere = await add(database, envelope, other_workspace)
    async with database.workspace(other_workspace.id) as tx:
        await service.delete_number(tx, other_workspace.owner, elsewhere.id)
    again = await add(database, envelope, workspace)
    assert (again.id, again.is_default, again.status) == (number.id, True, NumberStatus.CONNECTED)


async def test_deleting_the_default_number_hands_the_role_on(
    database: Database, envelope: Envelope, workspace: WorkspaceFixture
) -> None:
    first, second = await add(database, envelope, workspace), await add(database, envelope, workspace, "1002")
    async with database.workspace(workspace.id) as tx:
        await service.delete_number(tx, workspace.owner, first.id)
        assert await service.find_default_number(tx) == second.id
        with pytest.raises(NumberNotFound):
            await service.get_number(tx, workspace.owner, first.id)
        with pytest.raises(NumberNotFound):
            await senders.get_sender(tx, Envelope(SecretKey(b"any")), first.id)


async def test_only_one_number_is_the_default(
    database: Database, envelope: Envelope, workspace: WorkspaceFixture
) -> None:
    first, second = await add(database, envelope, workspace), await add(database, envelope, workspace, "1002")
    async with database.workspace(workspace.id) as tx:
        changes = NumberChanges(is_default=True, messages_per_second=500, display_name="Kasir")
        changed = await service.update_number(tx, workspace.owner, second.id, changes)
        assert (changed.is_default, changed.messages_per_second, changed.display_name) == (True, 500, "Kasir")
        assert not (await service.get_number(tx, workspace.owner, first.id)).is_default


async def test_a_hold_is_never_shortened_and_can_be_ended(
    database: Database, envelope: Envelope, workspace: WorkspaceFixture
) -> None:
    number = await add(database, envelope, workspace)
    long, short = datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    async with database.workspace(workspace.id) as tx:
        assert await senders.hold_number(tx, number.id, "spam_rate", long)
        assert not await senders.hold_number(tx, number.id, "rate", short)
        sender = await senders.get_sender(tx, envelope, number.id)
        assert (sender.held_until, sender.held_reason) == (long, "spam_rate")
        assert await senders.release_number(tx, number.id)
        assert not await senders.release_number(tx, number.id)
    assert await event_types(database) == ["number.added", "number.held", "number.released"]


async def test_health_is_kept_and_a_change_is_told_once(
    database: Database, envelope: Envelope, workspace: WorkspaceFixture
) -> None:
    number = await add(database, envelope, workspace)
    at = datetime.now(UTC) - timedelta(minutes=1)
    seen = ObservedHealth(status=NumberStatus.RESTRICTED, quality="red", phone="+62811", messaging_limit=2000)
    async with database.workspace(workspace.id) as tx:
        await service.record_health(tx, workspace.owner, number.id, seen, checked_at=at)
        checked = await service.record_health(tx, workspace.owner, number.id, seen, checked_at=at)
        assert (checked.status, checked.quality, checked.phone) == (NumberStatus.RESTRICTED, "red", "+62811")
        assert checked.health_checked_at == at
        assert (await service.get_account(tx, workspace.owner, number.account_id)).messaging_limit == 2000
        gone = await service.disconnect_number(tx, workspace.owner, number.id)
        assert (gone.status, gone.quality) == (NumberStatus.DISCONNECTED, "red")
    assert (await event_types(database)).count("number.changed") == 2


async def test_single_credentials_can_be_replaced_and_accounts_paused(
    database: Database, envelope: Envelope, workspace: WorkspaceFixture
) -> None:
    number = await add(database, envelope, workspace)
    async with database.workspace(workspace.id) as tx:
        await service.update_credentials(tx, workspace.owner, envelope, number.account_id, access_token="EAAnew")
        await service.pause_account(tx, workspace.owner, number.account_id, "policy")
        await service.pause_account(tx, workspace.owner, number.account_id, "policy")
        sender = await senders.get_sender(tx, envelope, number.id)
        assert (sender.credentials.access_token, sender.credentials.app_secret) == ("EAAnew", "app secret")
        assert sender.paused_reason == "policy"
        with pytest.raises(AccountNotFound):
            await service.update_credentials(tx, workspace.owner, envelope, new_uuid7(), access_token="x")
    assert (await event_types(database)).count("account.changed") == 1


async def test_another_workspace_sees_and_changes_nothing(
    database: Database, envelope: Envelope, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    number = await add(database, envelope, workspace)
    async with database.workspace(other_workspace.id) as tx:
        actor = other_workspace.owner
        assert await service.list_numbers(tx, actor) == []
        with pytest.raises(NumberNotFound):
            await service.update_number(tx, actor, number.id, NumberChanges(display_name="mine"))
        with pytest.raises(NumberNotFound):
            await service.delete_number(tx, actor, number.id)
        with pytest.raises(AccountNotFound):
            await service.get_account(tx, actor, number.account_id)
        assert not await senders.hold_number(tx, number.id, "x", datetime.now(UTC))
    assert await routes(database) == {"1001": workspace.id}


async def test_a_plan_without_room_refuses_a_further_number(
    database: Database, envelope: Envelope, workspace: WorkspaceFixture
) -> None:
    async with database.system() as tx:
        await tx.execute("UPDATE workspaces SET plan_id = 'trial' WHERE id = $1", workspace.id)
    await add(database, envelope, workspace)
    with pytest.raises(QuotaReached):
        await add(database, envelope, workspace, "1002")
    assert await routes(database) == {"1001": workspace.id}


async def test_reading_needs_numbers_read_and_changing_needs_numbers_manage(
    database: Database, envelope: Envelope, workspace: WorkspaceFixture, make_actor: Callable[..., Actor]
) -> None:
    reader, nobody = make_actor(Permission.NUMBERS_READ), make_actor()
    nowhere: UUID = new_uuid7()
    async with database.workspace(workspace.id) as tx:
        assert await service.list_numbers(tx, reader) == []
        with pytest.raises(PermissionDenied):
            await service.list_numbers(tx, nobody)
        with pytest.raises(PermissionDenied):
            await service.add_number(tx, reader, envelope, ACCOUNT, NewNumber(provider_number_id="1"))
        with pytest.raises(PermissionDenied):
            await service.delete_number(tx, reader, nowhere)
