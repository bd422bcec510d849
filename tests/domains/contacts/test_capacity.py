"""The plan's bound on contacts: no way in makes more, and nobody known is turned away."""

import httpx
import pytest

from blazz.domains.contacts.imports.types import ImportOptions
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.domains.contacts.test_imports import Bench

FIVE = "nama,no wa\n" + "".join(f"Orang {number},08121111000{number}\n" for number in range(5))


@pytest.fixture
async def bench(runtime: Runtime, workspace: WorkspaceFixture) -> Bench:
    """A workspace whose plan allows three contacts."""
    async with runtime.database.system() as tx:
        await tx.execute("UPDATE workspaces SET plan_id = 'trial' WHERE id = $1", workspace.id)
    return Bench(runtime, workspace)


@pytest.fixture(autouse=True)
async def small_plan(owner_url: str) -> None:
    """Let the trial allow three contacts in this database."""
    import asyncpg

    connection = await asyncpg.connect(owner_url)
    await connection.execute("UPDATE plans SET contacts = 3 WHERE id = 'trial'")
    await connection.close()


async def test_an_import_stores_what_the_plan_allows_and_says_why_the_rest_is_not(bench: Bench) -> None:
    checked = await bench.go(FIVE, dry_run=True, chunk_rows=2)
    done = await bench.go(FIVE, chunk_rows=2)

    for one in (checked, done):
        assert {name: one.counts[name] for name in ("rows", "created", "invalid")} == {
            "rows": 5,
            "created": 3,
            "invalid": 2,
        }
    assert await bench.value("SELECT count(*) FROM contacts") == 3
    codes = "SELECT string_agg(DISTINCT code, ',') FROM contact_import_rows WHERE outcome = 'invalid'"
    assert await bench.value(codes) == "contact_limit_reached"


async def test_people_who_are_known_are_changed_although_the_plan_is_full(bench: Bench) -> None:
    await bench.go(FIVE)

    again = await bench.go(FIVE.replace("Orang", "Ibu"), ImportOptions(policy="overwrite"))

    assert (again.counts["updated"], again.counts["created"], again.counts["invalid"]) == (3, 0, 2)


async def test_a_full_plan_refuses_a_new_contact_until_one_leaves(
    bench: Bench, api: httpx.AsyncClient, workspace: WorkspaceFixture
) -> None:
    await bench.go(FIVE)
    url = f"/api/v1/workspaces/{workspace.slug}/contacts"

    refused = await api.post(url, json={"name": "Dewi", "phone": "081290000002"})
    first = (await api.get(url)).json()["data"][0]["id"]
    assert (await api.delete(f"{url}/{first}")).status_code == 204
    allowed = await api.post(url, json={"name": "Dewi", "phone": "081290000002"})
    back = await api.post(f"{url}/{first}/restore")

    assert (refused.json()["code"], allowed.status_code) == ("quota_exceeded", 201)
    assert back.json()["code"] == "quota_exceeded"
