"""Every statement is prepared against the migrated schema, by the role that runs it, and none is left unused."""

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest

from blazz.kernel.security import SecretKey
from blazz.migrations import TABLES
from blazz.migrations.runner import role_urls
from tests.conftest import SECRET, on_database, run_as_owner
from tests.proofs.statements import all_statements, stored_statements

ALL = all_statements()
STORED = stored_statements()
CASES = [pytest.param(name, role, id=f"{role}-{name}") for name in ALL for role in sorted(ALL[name].roles)]
TENANT = {table.name for table in TABLES if table.kind == "tenant"}


@pytest.fixture(scope="module")
async def connections(server_url: str, template_url: str) -> AsyncIterator[dict[str, asyncpg.Connection]]:
    """One connection per role to a clone that the whole module shares; nothing is ever run on it."""
    assert template_url
    name = "blazz_test_statements"
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    await run_as_owner(server_url, drop, f"CREATE DATABASE {name} TEMPLATE blazz_template STRATEGY FILE_COPY")
    urls = role_urls(on_database(server_url, name), SecretKey(SECRET.encode()))
    opened = {"app": await asyncpg.connect(urls.app), "system": await asyncpg.connect(urls.system)}
    yield opened
    for connection in opened.values():
        await connection.close()
    await run_as_owner(server_url, drop)


@pytest.mark.parametrize(("name", "role"), CASES)
async def test_a_statement_fits_the_schema_and_the_rights_of_its_role(
    connections: dict[str, asyncpg.Connection], name: str, role: str
) -> None:
    text = ALL[name].text
    connection = connections[role]
    prepared = await connection.prepare(text)
    highest = max((int(number) for number in re.findall(r"\$(\d+)", text)), default=0)
    assert len(prepared.get_parameters()) == highest, "a parameter in between is never used"
    # PREPARE alone checks names and types; planning it for execution also checks the role's rights.
    await connection.execute(f"EXPLAIN (GENERIC_PLAN) {text}")


def test_every_stored_statement_is_used() -> None:
    assert sorted(name for name, statement in ALL.items() if name in STORED and not statement.roles) == []


def test_every_statement_that_is_used_is_stored() -> None:
    assert sorted(name for name, statement in ALL.items() if not statement.text) == []


def test_every_statement_of_the_application_names_the_workspace() -> None:
    missing = []
    for name, statement in ALL.items():
        code = re.sub(r"--[^\n]*", "", statement.text)
        tables = TENANT & set(re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)", code))
        if "app" in statement.roles and tables and "workspace_id" not in code:
            missing.append(name)
    assert missing == []


def test_the_reader_of_the_source_finds_statements_of_every_kind() -> None:
    assert ALL["domains/contacts/taxonomy.sql::ensure_groups"].roles == {"app"}, "composed of a fragment"
    assert ALL["domains/contacts/queries.sql::lock_contact"].roles == {"app"}, "chosen by a condition"
    assert ALL["domains/inbox/queries.sql::claim_lanes"].roles == {"system"}, "run in a system transaction"
    assert ALL["kernel/events/outbox.py::_INSERT"].roles == {"app", "system"}, "written in place"
