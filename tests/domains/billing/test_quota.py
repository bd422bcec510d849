"""Quota: reserved before it is used, never more than the plan allows, in the workspace's own days."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from blazz.domains.billing import (
    QuotaReached,
    commit_messages,
    get_usage,
    release_messages,
    require_room,
    reserve_messages,
)
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import Database
from blazz.kernel.errors import PermissionDenied
from tests.conftest import WorkspaceFixture

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)


@pytest.fixture
async def on_trial(database: Database, workspace: WorkspaceFixture) -> WorkspaceFixture:
    """The workspace on the trial plan: 1,000 messages a day."""
    async with database.system() as tx:
        await tx.execute("UPDATE workspaces SET plan_id = 'trial' WHERE id = $1", workspace.id)
    return workspace


async def test_reserved_messages_become_used_when_they_are_accepted(
    database: Database, on_trial: WorkspaceFixture
) -> None:
    async with database.workspace(on_trial.id) as tx:
        await reserve_messages(tx, on_trial.owner, 10, NOW)
        await commit_messages(tx, 7, NOW)
        await release_messages(tx, on_trial.owner, 3, NOW)
        day, month = await get_usage(tx, on_trial.owner, NOW)
    assert (day.used, day.reserved, day.limit) == (7, 0, 1000)
    assert (month.used, month.reserved, month.limit) == (7, 0, 30000)
    # 18:30 UTC is already the next morning in Jakarta.
    assert day.starts_on.isoformat() == "2026-11-21"


async def test_more_than_the_plan_allows_is_refused_and_reserves_nothing(
    database: Database, on_trial: WorkspaceFixture
) -> None:
    with pytest.raises(QuotaReached) as refusal:
        async with database.workspace(on_trial.id) as tx:
            await reserve_messages(tx, on_trial.owner, 1001, NOW)
    assert refusal.value.data["limit"] == 1000
    async with database.workspace(on_trial.id) as tx:
        assert [usage.reserved for usage in await get_usage(tx, on_trial.owner, NOW)] == [0, 0]


async def test_of_many_who_want_the_last_message_exactly_one_gets_it(
    database: Database, on_trial: WorkspaceFixture
) -> None:
    async with database.workspace(on_trial.id) as tx:
        await reserve_messages(tx, on_trial.owner, 999, NOW)

    async def take() -> bool:
        try:
            async with database.workspace(on_trial.id) as tx:
                await reserve_messages(tx, on_trial.owner, 1, NOW)
        except QuotaReached:
            return False
        return True

    assert sum(await asyncio.gather(*(take() for _ in range(100)))) == 1


async def test_plans_bound_numbers_and_only_those_who_may_send_reserve(
    database: Database, on_trial: WorkspaceFixture, make_actor: Callable[..., Actor]
) -> None:
    async with database.workspace(on_trial.id) as tx:
        await require_room(tx, "numbers", 0, 1, NOW)
        with pytest.raises(QuotaReached):
            await require_room(tx, "numbers", 1, 1, NOW)
        with pytest.raises(PermissionDenied):
            await reserve_messages(tx, make_actor(Permission.CONTACTS_READ), 1, NOW)
