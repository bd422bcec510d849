"""Applies the numbered SQL files once each, as the owner, with short lock waits and retries.

A file is ``NNNN_name.pre.sql`` (before new code starts) or ``NNNN_name.post.sql`` (after old code is gone). Each runs in
one transaction and is recorded with its checksum; an applied file that changed, or a newer unknown schema, is refused.
"""

import asyncio
import hashlib
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from blazz.kernel.db import DatabaseUrls
from blazz.kernel.security import SecretKey
from blazz.migrations.manifest import QUEUE_TABLES, TABLES
from blazz.migrations.partitions import ensure_partitions

APP_ROLE, SYSTEM_ROLE = "blazz_app", "blazz_system"
_NAME = re.compile(r"^(\d{4})_([a-z0-9_]+)\.(pre|post)\.sql$")
_LOCK_ATTEMPTS = 60
_TIMEOUTS = {
    APP_ROLE: {"statement_timeout": "30s", "idle_in_transaction_session_timeout": "10s"},
    SYSTEM_ROLE: {"statement_timeout": "60s", "idle_in_transaction_session_timeout": "30s"},
}


class MigrationError(Exception):
    """The schema cannot be brought to this version; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class MigrationFile:
    """One numbered SQL file."""

    name: str
    text: str
    checksum: str


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Which files are applied and which are missing."""

    applied: tuple[str, ...]
    missing: tuple[str, ...]


def migration_files() -> list[MigrationFile]:
    """List the files in order."""
    folder = resources.files("blazz.migrations")
    found = []
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if _NAME.match(entry.name):
            text = entry.read_text(encoding="utf-8")
            found.append(MigrationFile(entry.name, text, hashlib.sha256(text.encode()).hexdigest()))
    return found


def role_urls(owner_url: str, key: SecretKey, *, app: str | None = None, system: str | None = None) -> DatabaseUrls:
    """Derive the addresses of the two working roles from the owner's; explicit ones win, and may lead to a pooler."""
    system = system or _as_role(owner_url, SYSTEM_ROLE, key)
    login, _, _ = urlsplit(system).netloc.rpartition("@")
    return DatabaseUrls(
        owner=owner_url,
        app=app or _as_role(owner_url, APP_ROLE, key),
        system=system,
        # The owner's address is always the server's own: migrations must not pass through a pooler either.
        queue=_with_login(owner_url, login),
    )


def _role_password(role: str, key: SecretKey) -> str:
    return key.derive(f"database role {role}").hex()


def _as_role(url: str, role: str, key: SecretKey) -> str:
    return _with_login(url, f"{quote(role)}:{_role_password(role, key)}")


def _with_login(url: str, login: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{login}@{host}"))


async def schema_state(owner_url: str) -> SchemaState:
    """Tell what is applied, without changing anything."""
    connection = await asyncpg.connect(owner_url)
    try:
        applied = await _applied(connection)
    finally:
        await connection.close()
    return SchemaState(tuple(applied), tuple(file.name for file in migration_files() if file.name not in applied))


async def migrate(owner_url: str, key: SecretKey, *, now: datetime | None = None, months_behind: int = 1) -> list[str]:
    """Bring the database to this version: roles, files, queue, policies, grants, partitions. Returns what was applied.

    Raises:
        MigrationError: the server is too old, a file changed after it was applied, or a lock could not be had.

    """
    connection = await asyncpg.connect(owner_url)
    try:
        version = connection.get_server_version()
        if version.major < 16:
            msg = f"PostgreSQL 16 or newer is needed; this server is {version.major}"
            raise MigrationError(msg)
        await _ensure_roles(connection, key)
        # A transaction lock of its own connection: two nodes never migrate at once, and a pooler cannot leak it.
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(7263517)")
            done = await _apply_files(connection)
            await _ensure_queue(connection)
            await _ensure_policies(connection)
        await ensure_partitions(connection, now or datetime.now(UTC), months_behind=months_behind)
    finally:
        await connection.close()
    return done


async def _applied(connection: Any) -> dict[str, str]:  # noqa: ANN401 - asyncpg has no public type
    if not await connection.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL"):
        return {}
    rows = await connection.fetch("SELECT name, checksum FROM schema_migrations ORDER BY name")
    return {row["name"]: row["checksum"] for row in rows}


async def _apply_files(connection: Any) -> list[str]:  # noqa: ANN401 - asyncpg has no public type
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, checksum text NOT NULL,"
        " started_at timestamptz NOT NULL, finished_at timestamptz NOT NULL)"
    )
    applied, files = await _applied(connection), migration_files()
    unknown = sorted(set(applied) - {file.name for file in files})
    if unknown:
        msg = f"the database was migrated by a newer release ({', '.join(unknown)}); install that release or restore"
        raise MigrationError(msg)
    done = []
    for file in files:
        if file.name in applied:
            if applied[file.name] != file.checksum:
                msg = f"{file.name} changed after it was applied; restore the original file"
                raise MigrationError(msg)
            continue
        started = datetime.now(UTC)
        await _run_with_short_locks(connection, file.text)
        await connection.execute(
            "INSERT INTO schema_migrations VALUES ($1, $2, $3, clock_timestamp())", file.name, file.checksum, started
        )
        done.append(file.name)
    return done


async def _run_with_short_locks(connection: Any, text: str) -> None:  # noqa: ANN401 - asyncpg has no public type
    """Run a script; give up a lock wait after 250 ms so that nobody queues behind it, and try again."""
    for attempt in range(_LOCK_ATTEMPTS):
        try:
            async with connection.transaction():
                await connection.execute("SET LOCAL lock_timeout = '250ms'")
                await connection.execute(text)
        except asyncpg.LockNotAvailableError:
            if attempt == _LOCK_ATTEMPTS - 1:
                msg = "a table stayed locked by other work for too long; try again when it is quieter"
                raise MigrationError(msg) from None
            await asyncio.sleep(random.uniform(0.1, 0.5))  # noqa: S311 - not a secret
        else:
            return


async def _ensure_roles(connection: Any, key: SecretKey) -> None:  # noqa: ANN401 - asyncpg has no public type
    for role, timeouts in _TIMEOUTS.items():
        password = _role_password(role, key)
        exists = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
        verb = "ALTER" if exists else "CREATE"
        try:
            await connection.execute(f"{verb} ROLE {role} LOGIN NOSUPERUSER NOCREATEDB PASSWORD '{password}'")
            for name, value in timeouts.items():
                await connection.execute(f"ALTER ROLE {role} SET {name} = '{value}'")
        except asyncpg.DuplicateObjectError:
            continue
        except asyncpg.InsufficientPrivilegeError:
            if not exists:
                msg = f"the database user may not create the role {role}; create it or use a user that may"
                raise MigrationError(msg) from None


async def _ensure_queue(connection: Any) -> None:  # noqa: ANN401 - asyncpg has no public type
    if not await connection.fetchval("SELECT to_regclass('pgqueuer') IS NOT NULL"):
        # Only a first start needs it, and importing it takes a quarter of a second.
        from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

        await connection.execute(QueryBuilderEnvironment().build_install_query(create_schema=False))


async def _ensure_policies(connection: Any) -> None:  # noqa: ANN401 - asyncpg has no public type
    """Give every table its grants, and every tenant table its forced row policies. Idempotent."""
    tenant = "workspace_id = NULLIF(current_setting('app.workspace_id', true), '')::bigint"
    script = [f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}, {SYSTEM_ROLE};"]
    for table in TABLES:
        verbs = "SELECT, INSERT, UPDATE, DELETE" if table.app_writes else "SELECT"
        if table.name == "audit_logs":
            verbs = "SELECT, INSERT"
        script.append(f"GRANT {verbs} ON {table.name} TO {APP_ROLE}, {SYSTEM_ROLE};")
        if table.kind == "tenant":
            script.append(
                f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY;"
                f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY;"
                f"DROP POLICY IF EXISTS workspace ON {table.name};"
                f"CREATE POLICY workspace ON {table.name} TO {APP_ROLE} USING ({tenant}) WITH CHECK ({tenant});"
                f"DROP POLICY IF EXISTS system ON {table.name};"
                f"CREATE POLICY system ON {table.name} TO {SYSTEM_ROLE} USING (true) WITH CHECK (true);"
            )
    script.append(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(QUEUE_TABLES)} TO {APP_ROLE}, {SYSTEM_ROLE};")
    script.append(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}, {SYSTEM_ROLE};")
    script.append(f"GRANT SELECT ON schema_migrations TO {APP_ROLE}, {SYSTEM_ROLE};")
    await connection.execute("\n".join(script))
