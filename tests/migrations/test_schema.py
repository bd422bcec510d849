"""The migrated schema: walls between workspaces and the rules that keep it ready to be distributed."""

from datetime import UTC, datetime

import asyncpg
import pytest

from blazz.kernel.db import Database
from blazz.migrations import TABLES, ensure_partitions, months_ahead
from tests.conftest import WorkspaceFixture


async def test_a_workspace_sees_only_its_own_rows(
    database: Database, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    async with database.workspace(workspace.id) as tx:
        rows = await tx.fetch("SELECT workspace_id FROM members")
    assert [row["workspace_id"] for row in rows] == [workspace.id]
    assert other_workspace.id != workspace.id


async def test_without_a_workspace_there_are_no_rows(database: Database, workspace: WorkspaceFixture) -> None:
    assert workspace.id
    connection = await asyncpg.connect(database.urls.app)
    try:
        assert await connection.fetch("SELECT * FROM members") == []
    finally:
        await connection.close()


async def test_a_row_cannot_be_written_into_another_workspace(
    database: Database, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.workspace(workspace.id) as tx:
            await tx.execute(
                "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'owner')",
                other_workspace.id,
                workspace.user_id,
            )


async def test_every_table_is_declared_and_every_tenant_table_is_walled(owner_url: str) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        rows = await connection.fetch(
            """SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class
                WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace"""
        )
    finally:
        await connection.close()
    declared = {table.name: table for table in TABLES}
    extra = {"schema_migrations", "pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics"}
    assert {row["relname"] for row in rows} == set(declared) | extra
    open_tables = [
        row["relname"]
        for row in rows
        if row["relname"] in declared
        and declared[row["relname"]].kind == "tenant"
        and not (row["relrowsecurity"] and row["relforcerowsecurity"])
    ]
    assert open_tables == []


SHARD_LINT = {
    "tenant keys that do not start with the workspace": """
        SELECT indrelid::regclass::text || '.' || indexrelid::regclass::text AS found
          FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
          JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
         WHERE (indisprimary OR indisunique) AND indrelid::regclass::text = ANY($1) AND attname <> 'workspace_id'""",
    "foreign keys between tenant tables without the workspace": """
        SELECT conname::text AS found FROM pg_constraint
         WHERE contype = 'f' AND conrelid::regclass::text = ANY($1) AND confrelid::regclass::text = ANY($1)
           AND NOT EXISTS (SELECT 1 FROM pg_attribute
                            WHERE attrelid = conrelid AND attnum = conkey[1] AND attname = 'workspace_id')""",
    "SET NULL or SET DEFAULT on keys that hold the workspace": """
        SELECT conname::text AS found FROM pg_constraint
         WHERE contype = 'f' AND conrelid::regclass::text = ANY($1) AND confdeltype IN ('n', 'd')""",
    "triggers on tenant tables": """
        SELECT tgname::text AS found FROM pg_trigger
         WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY($1)""",
    "tables without a primary key": """
        SELECT relname::text AS found FROM pg_class WHERE relname = ANY($1) AND relkind IN ('r', 'p')
           AND NOT EXISTS (SELECT 1 FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary)""",
    "identity columns on tenant tables": """
        SELECT attrelid::regclass::text AS found FROM pg_attribute
         WHERE attrelid::regclass::text = ANY($1) AND attidentity <> ''""",
}


@pytest.mark.parametrize("rule", SHARD_LINT)
async def test_the_live_catalog_breaks_no_distribution_rule(owner_url: str, rule: str) -> None:
    tenant = [table.name for table in TABLES if table.kind == "tenant"]
    connection = await asyncpg.connect(owner_url)
    try:
        found = await connection.fetch(SHARD_LINT[rule], tenant)
    finally:
        await connection.close()
    assert [row["found"] for row in found] == []


async def test_no_column_is_a_timestamp_without_time_zone_and_no_partition_is_a_default(owner_url: str) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        naive = await connection.fetch(
            "SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE atttypid = 'timestamp'::regtype AND relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
        defaults = await connection.fetch("SELECT partrelid::regclass FROM pg_partitioned_table WHERE partdefid <> 0")
    finally:
        await connection.close()
    assert (naive, defaults) == ([], [])


async def test_the_application_role_owns_nothing_and_reaches_no_partition(owner_url: str) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        owned = await connection.fetch(
            "SELECT relname FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner"
            " WHERE rolname IN ('blazz_app', 'blazz_system')"
        )
        reachable = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
            " AND has_table_privilege('blazz_app', oid, 'SELECT')"
        )
        bypass = await connection.fetchval(
            "SELECT bool_or(rolbypassrls OR rolsuper) FROM pg_roles WHERE rolname LIKE 'blazz_%'"
            " AND rolname IN ('blazz_app', 'blazz_system')"
        )
    finally:
        await connection.close()
    assert (owned, reachable, bypass) == ([], [], False)


async def test_partitions_are_made_three_months_ahead_and_again_for_a_later_clock(owner_url: str) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        now = datetime.now(UTC)
        assert await months_ahead(connection, now) >= 3
        assert await ensure_partitions(connection, now, months_behind=1) == []
        later = datetime(now.year + 1, 12, 31, 23, 59, tzinfo=UTC)
        made = await ensure_partitions(connection, later)
        assert f"messages_{now.year + 2}_01" in made
        assert await months_ahead(connection, later) == 3
    finally:
        await connection.close()
