"""Quota beside the daily limit: the month, midnight in the workspace's zone, other workspaces and the route."""

from datetime import UTC, datetime

import httpx
import pytest

from blazz.domains.billing import QuotaReached, Usage, commit_messages, get_usage, reserve_messages
from blazz.kernel.db import Database
from tests.conftest import WorkspaceFixture

EARLIER = datetime(2026, 11, 10, 5, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)


async def usage_of(database: Database, workspace: WorkspaceFixture, now: datetime = NOON) -> dict[str, Usage]:
    """Usage by period."""
    async with database.workspace(workspace.id) as tx:
        return {item.period: item for item in await get_usage(tx, workspace.owner, now)}


async def test_the_month_binds_when_the_day_has_room_and_the_refusal_names_it(
    database: Database, workspace: WorkspaceFixture
) -> None:
    async with database.system() as tx:
        await tx.execute("UPDATE workspaces SET plan_id = 'trial' WHERE id = $1", workspace.id)
    async with database.workspace(workspace.id) as tx:
        await commit_messages(tx, 29_998, EARLIER)
        await reserve_messages(tx, workspace.owner, 2, NOON)
    with pytest.raises(QuotaReached) as refused:
        async with database.workspace(workspace.id) as tx:
            await reserve_messages(tx, workspace.owner, 1, NOON)
    assert refused.value.code == "quota_exceeded"
    assert refused.value.data == {"what": "messages per month", "limit": 30_000, "used": 30_000, "wanted": 1}
    found = await usage_of(database, workspace)
    assert (found["day"].reserved, found["month"].reserved) == (2, 2)


async def test_a_day_begins_at_midnight_of_the_workspace(database: Database, workspace: WorkspaceFixture) -> None:
    before, after = datetime(2026, 11, 20, 16, 59, tzinfo=UTC), datetime(2026, 11, 20, 17, 1, tzinfo=UTC)
    async with database.workspace(workspace.id) as tx:
        await reserve_messages(tx, workspace.owner, 2, before)
    assert (await usage_of(database, workspace, before))["day"].reserved == 2
    later = await usage_of(database, workspace, after)
    assert (later["day"].starts_on.day, later["day"].reserved, later["month"].reserved) == (21, 0, 2)


async def test_usage_of_one_workspace_never_counts_for_another(
    database: Database, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    async with database.workspace(workspace.id) as tx:
        await reserve_messages(tx, workspace.owner, 7, NOON)
    assert (await usage_of(database, workspace))["day"].reserved == 7
    assert (await usage_of(database, other_workspace))["day"].reserved == 0


async def test_the_route_shows_both_periods(
    api: httpx.AsyncClient, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    answer = await api.get(f"/api/v1/workspaces/{workspace.slug}/usage")
    assert answer.status_code == 200
    assert [item["period"] for item in answer.json()] == ["day", "month"]
    assert (await api.get(f"/api/v1/workspaces/{other_workspace.slug}/usage")).status_code == 404
