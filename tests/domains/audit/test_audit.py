"""The audit log: written with the action, read page by page, never changed."""

from collections.abc import Callable

import asyncpg
import httpx
import pytest

from blazz.domains.audit import list_entries, record
from blazz.kernel.actor import Actor
from blazz.kernel.db import Database
from blazz.kernel.errors import PermissionDenied
from tests.conftest import WorkspaceFixture


async def test_pages_run_from_newest_to_oldest_without_gaps(
    api: httpx.AsyncClient, database: Database, workspace: WorkspaceFixture
) -> None:
    async with database.workspace(workspace.id) as tx:
        for index in range(5):
            await record(tx, workspace.owner, "thing.done", str(index), before={"n": index}, after={"n": index + 1})
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await api.get(f"/api/v1/workspaces/{workspace.slug}/audit-logs", params=query)).json()
        seen += [item["target"] for item in page["data"] if item["action"] == "thing.done"]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert seen == ["4", "3", "2", "1", "0"]


async def test_another_workspace_sees_nothing(
    database: Database, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    async with database.workspace(workspace.id) as tx:
        await record(tx, workspace.owner, "thing.done")
    async with database.workspace(other_workspace.id) as tx:
        assert await list_entries(tx, other_workspace.owner, None, 50) == []


async def test_reading_needs_its_permission(
    database: Database, workspace: WorkspaceFixture, make_actor: Callable[..., Actor]
) -> None:
    async with database.workspace(workspace.id) as tx:
        with pytest.raises(PermissionDenied):
            await list_entries(tx, make_actor(), None, 50)


@pytest.mark.parametrize("change", ["UPDATE audit_logs SET action = 'x'", "DELETE FROM audit_logs"])
async def test_the_application_cannot_rewrite_history(
    database: Database, workspace: WorkspaceFixture, change: str
) -> None:
    async with database.workspace(workspace.id) as tx:
        await record(tx, workspace.owner, "thing.done")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.workspace(workspace.id) as tx:
            await tx.execute(change)
