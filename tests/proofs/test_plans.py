"""At a million rows, under row-level security, hot statements use their index and never read a big table whole."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from blazz.kernel.db import Database, PoolSizes
from blazz.kernel.security import SecretKey
from blazz.migrations.runner import role_urls
from tests.conftest import SECRET, on_database, run_as_owner
from tests.proofs.hot import HOT, LAST, Sample
from tests.proofs.million import ROWS, seed_million
from tests.proofs.statements import stored_statements

STATEMENTS = stored_statements()
# Rows from which on a scan of everything hurts; next month's empty partitions are below it.
LARGE = 1_000
pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """A database with a million rows."""

    database: Database
    owner: asyncpg.Connection
    sample: Sample
    parents: dict[str, str]
    sizes: dict[str, int]


@pytest.fixture(scope="module")
async def seeded(server_url: str, template_url: str) -> AsyncIterator[Seeded]:
    """Seed a clone once for all plans."""
    assert template_url
    name = "blazz_test_plans"
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    await run_as_owner(server_url, drop, f"CREATE DATABASE {name} TEMPLATE blazz_template STRATEGY FILE_COPY")
    url = on_database(server_url, name)
    sample = await seed_million(url)
    database = Database(role_urls(url, SecretKey(SECRET.encode())), PoolSizes(app=1, system=1))
    await database.open()
    owner = await asyncpg.connect(url)
    rows = await owner.fetch(
        "SELECT inhrelid::regclass::text AS child, inhparent::regclass::text AS parent FROM pg_inherits"
    )
    sizes = await owner.fetch(
        "SELECT oid::regclass::text AS name, reltuples::bigint AS size FROM pg_class WHERE relkind = 'r'"
    )
    yield Seeded(
        database=database,
        owner=owner,
        sample=sample,
        parents={row["child"]: row["parent"] for row in rows},
        sizes={row["name"]: row["size"] for row in sizes},
    )
    await owner.close()
    await database.close()
    await run_as_owner(server_url, drop)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a plan."""
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def read_whole(seeded: Seeded, plan: dict[str, Any]) -> list[str]:
    """Tables, or partitions of them, that a plan scans from end to end although they are large."""
    found = [node["Relation Name"] for node in nodes(plan) if node["Node Type"] == "Seq Scan"]
    return [name for name in found if seeded.sizes.get(name, 0) > LARGE]


def indexes(seeded: Seeded, plan: dict[str, Any]) -> set[str]:
    """The indexes that a plan looks things up in, those of partitions by the name of their parent's."""
    # An index read without a condition, or only for its order, is a whole scan by another name.
    looked_up = [node for node in nodes(plan) if "Index Name" in node and "Index Cond" in node]
    return {seeded.parents.get(node["Index Name"], node["Index Name"]) for node in looked_up}


async def explain(seeded: Seeded, name: str, *, generic: bool) -> dict[str, Any]:
    """Plan a hot statement as its role, for its arguments or for any."""
    hot, text = HOT[name], STATEMENTS[name].text
    opened = seeded.database.system() if hot.role == "system" else seeded.database.workspace(seeded.sample.workspace_id)
    async with opened as tx:
        if generic:
            # A name of its own: what was prepared outlives a transaction that failed.
            mark = name.rpartition("::")[2]
            nulls = ", ".join(["NULL"] * len(hot.arguments(seeded.sample)))
            await tx.execute(f"SET LOCAL plan_cache_mode = force_generic_plan; PREPARE {mark} AS {text}")
            plan = await tx.fetch(f"EXPLAIN (FORMAT JSON) EXECUTE {mark}({nulls})")
            await tx.execute(f"DEALLOCATE {mark}")
        else:
            plan = await tx.fetch(f"EXPLAIN (FORMAT JSON) {text}", *hot.arguments(seeded.sample))
    found: dict[str, Any] = json.loads(plan[0][0])[0]["Plan"]
    return found


@pytest.mark.parametrize("name", HOT)
async def test_a_hot_statement_uses_its_indexes(seeded: Seeded, name: str) -> None:
    plan = await explain(seeded, name, generic=False)
    assert read_whole(seeded, plan) == [], json.dumps(plan, indent=1)
    missing = set(HOT[name].uses) - indexes(seeded, plan)
    assert not missing, json.dumps(plan, indent=1)


@pytest.mark.parametrize("name", HOT)
async def test_a_hot_statement_reads_no_table_whole_when_its_plan_is_kept(seeded: Seeded, name: str) -> None:
    # After a few runs the server may keep one plan for all arguments.
    plan = await explain(seeded, name, generic=True)
    assert read_whole(seeded, plan) == [], json.dumps(plan, indent=1)


async def test_the_search_for_fragments_uses_its_index(seeded: Seeded) -> None:
    source = await seeded.owner.fetchval("SELECT prosrc FROM pg_proc WHERE proname = 'search_contact_ids'")
    body = source.partition("RETURN QUERY")[2].partition(";")[0]
    for number, word in enumerate(("fragment", "wanted", "before", "most"), 1):
        body = re.sub(rf"\b{word}\b", f"${number}", body)
    body = body.replace("$1)", "$1::text)").replace("@> $2", "@> $2::integer[]").replace("< $3", "< $3::uuid")
    async with seeded.owner.transaction():
        await seeded.owner.execute(
            f"SET LOCAL app.workspace_id = '{seeded.sample.workspace_id}'; SET LOCAL enable_seqscan = off"
        )
        grams = await seeded.owner.fetchval(
            "SELECT grams FROM contact_search WHERE workspace_id = $1 LIMIT 1", seeded.sample.workspace_id
        )
        rows = await seeded.owner.fetch(f"EXPLAIN (FORMAT JSON) {body}", "ng 1", grams[:3], LAST, 51)
        plan = json.loads(rows[0][0])[0]["Plan"]
    assert "contact_search_grams_idx" in indexes(seeded, plan), json.dumps(plan, indent=1)
    assert read_whole(seeded, plan) == []


async def test_there_are_a_million_rows_and_every_workspace_sees_its_own(seeded: Seeded) -> None:
    assert sum(ROWS.values()) >= 1_000_000
    total = 0
    for table, wanted in ROWS.items():
        async with seeded.database.system() as tx:
            rows = await tx.fetchval(f"SELECT count(*) FROM {table}")
        total += rows
        assert rows == wanted
        async with seeded.database.workspace(seeded.sample.workspace_id) as own:
            assert await own.fetchval(f"SELECT count(*) FROM {table}") == wanted * 9 // 10
    assert total >= 1_000_000


async def test_the_guard_tells_a_bad_plan_from_a_good_one(seeded: Seeded) -> None:
    async with seeded.database.workspace(seeded.sample.workspace_id) as tx:
        rows = await tx.fetch("EXPLAIN (FORMAT JSON) SELECT id FROM contacts WHERE city = $1", "Depok")
        bad = json.loads(rows[0][0])[0]["Plan"]
        rows = await tx.fetch("EXPLAIN (FORMAT JSON) SELECT id FROM contacts WHERE id = $1", UUID(int=1))
        good = json.loads(rows[0][0])[0]["Plan"]
    assert "contacts_pkey" not in indexes(seeded, bad) or read_whole(seeded, bad)
    assert (read_whole(seeded, good), "contacts_pkey" in indexes(seeded, good)) == ([], True)
