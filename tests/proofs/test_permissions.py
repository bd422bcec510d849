"""Every role and every scope on every route: allowed or 403, exactly as the one table of permissions says."""

from collections.abc import Iterable
from dataclasses import replace

import httpx
import pytest

from blazz.domains.workspaces import ROLE_PERMISSIONS, Role
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.runtime import Runtime
from tests.conftest import WorkspaceFixture
from tests.factories import make_key
from tests.proofs.routes import PERSONAL, ROWS, Ids, Route, requests_for
from tests.proofs.test_isolation import ROUTES, send
from tests.proofs.world import Home, World, fingerprint, ghost_ids, sign_in

INSIDE = [pytest.param(route, id=route.name) for route in ROUTES if route.name not in PERSONAL]
EVERYTHING = frozenset(Permission)


async def become(runtime: Runtime, workspace: WorkspaceFixture, role: Role) -> None:
    """Give the owner another role, past the rule that keeps a last owner."""
    async with runtime.database.workspace(workspace.id) as tx:
        await tx.execute(
            "UPDATE members SET role = $3 WHERE workspace_id = $1 AND user_id = $2",
            workspace.id,
            workspace.user_id,
            role.value,
        )


@pytest.fixture(scope="module")
def keys() -> dict[frozenset[Permission], str]:
    """API keys by their scopes, made when first asked for."""
    return {}


async def key_with(
    world: World, home: Home, keys: dict[frozenset[Permission], str], scopes: Iterable[Permission]
) -> dict[str, str]:
    """Find or make a key with exactly these scopes; answer the header that uses it."""
    wanted = frozenset(scopes)
    if wanted not in keys:
        keys[wanted] = await make_key(world.runtime, home.workspace, *wanted)
    return {"Authorization": f"Bearer {keys[wanted]}"}


async def answers(world: World, home: Home, route: Route, ids: Ids, headers: dict[str, str]) -> list[httpx.Response]:
    """Call a route with the given ids, in every form its path allows."""
    return [await send(world, request, headers) for request in requests_for(route, home.slug, ids)]


@pytest.mark.parametrize("route", INSIDE)
async def test_each_role_gets_what_the_table_says_and_nothing_else(world: World, route: Route) -> None:
    home, needed = world.mine, set(ROWS[route.name].needs)
    person = await sign_in(world.runtime, home.workspace)
    wrong = []
    try:
        for role in Role:
            await become(world.runtime, home.workspace, role)
            allowed = needed <= ROLE_PERMISSIONS[role]
            # Ids that nobody has: whoever may not gets 403 without learning whether there is such a row, and whoever
            # may changes nothing that the next role needs.
            found = await answers(world, home, route, ghost_ids(), person.headers)
            before = await fingerprint(world, home)
            if not allowed:
                found += await answers(world, home, route, home.ids, person.headers)
                assert await fingerprint(world, home) == before, f"{role} changed something"
            wrong += [f"{role.value}: {one.status_code}" for one in found if (one.status_code == 403) is allowed]
            wrong += [f"{role.value}: {one.text}" for one in found if one.status_code in {401, 500, 503}]
    finally:
        await become(world.runtime, home.workspace, Role.OWNER)
    assert wrong == []


@pytest.mark.parametrize("route", INSIDE)
async def test_a_key_needs_exactly_the_scopes_of_the_route(
    world: World, keys: dict[frozenset[Permission], str], route: Route
) -> None:
    home, needed = world.mine, frozenset(ROWS[route.name].needs)
    for found in await answers(world, home, route, ghost_ids(), await key_with(world, home, keys, needed)):
        assert found.status_code not in {401, 403, 500, 503}, found.text
    for scope in needed:
        lacking = await key_with(world, home, keys, EVERYTHING - {scope})
        before = await fingerprint(world, home)
        for found in [
            *await answers(world, home, route, ghost_ids(), lacking),
            *await answers(world, home, route, home.ids, lacking),
        ]:
            assert (found.status_code, found.json()["code"]) == (403, "forbidden"), f"without {scope}"
        # The key itself was used, which its row tells; everything else stays.
        after = await fingerprint(world, home)
        assert {name for name in before if before[name] != after[name]} <= {"api_keys"}, f"without {scope}"


@pytest.mark.parametrize("route", INSIDE)
async def test_nobody_gets_in_without_credentials(world: World, route: Route) -> None:
    for headers in ({}, {"Authorization": "Bearer blz_live_wrong"}, {"Cookie": "blazz_session=wrong"}):
        for found in await answers(world, world.mine, route, world.mine.ids, headers):
            assert (found.status_code, found.json()["code"]) == (401, "unauthenticated"), found.text


@pytest.mark.parametrize("route", [case for case in INSIDE if case.values[0].method != "GET"])  # type: ignore[union-attr] # pytest types values as objects
async def test_a_change_by_session_needs_its_own_csrf_token_and_origin(world: World, route: Route) -> None:
    before = await fingerprint(world, world.mine)
    good = world.mine.owner
    forged = [replace(good, csrf="").headers, replace(good, csrf="x" * len(good.csrf)).headers]
    forged += [{**good.headers, "Origin": "https://evil.example"}]
    for headers in forged:
        for found in await answers(world, world.mine, route, world.mine.ids, headers):
            assert (found.status_code, found.json()["code"]) == (403, "csrf_failed"), found.text
    assert await fingerprint(world, world.mine) == before


def test_no_permission_stands_in_the_table_without_a_route_or_another_use() -> None:
    used = {permission for row in ROWS.values() for permission in row.needs}
    assert set(Permission) - used == set()


def test_the_roles_of_actors_are_those_of_the_table() -> None:
    assert set(ROLE_PERMISSIONS) == set(Role)
    assert Actor.system(1, "test").permissions == frozenset()
