"""Every route, called by the owner of one workspace with the ids of another: nothing is told and nothing changes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from blazz.kernel.config import load_settings
from blazz.kernel.ids import encode_id, new_uuid7
from blazz.kernel.runtime import Runtime
from blazz.main.api import make_app
from tests.conftest import SECRET
from tests.proofs.routes import (
    API,
    PATH_KINDS,
    PERSONAL,
    ROWS,
    UNDOCUMENTED,
    Ids,
    Request,
    Route,
    requests_for,
    routes_of,
)
from tests.proofs.world import MARK, World, fingerprint, ghost_ids


def documented_app() -> FastAPI:
    """An application that is never started; its document needs no database."""
    settings = load_settings({}, home=Path("unused"), secret_key=SECRET, environment="test")
    return make_app(Runtime(settings=settings, database=None, clock=None, envelope=None))  # type: ignore[arg-type]


ROUTES = routes_of(documented_app())
INSIDE = [pytest.param(route, id=route.name) for route in ROUTES if route.name not in PERSONAL]


def test_every_route_has_a_row_in_the_table() -> None:
    assert {route.name for route in ROUTES} == set(ROWS) | PERSONAL, "add the route to tests/proofs/routes.py"
    assert all(route.path.startswith(API) for route in ROUTES if route.name not in PERSONAL)
    unknown = {name for route in ROUTES for name in route.parameters} - set(PATH_KINDS) - {"workspace"}
    assert not unknown, "say in PATH_KINDS which ids these parameters take, and make such objects in world.py"


def test_every_route_outside_the_document_is_known(world: World) -> None:
    plain = {route.path for route in world.app.routes if hasattr(route, "path")}
    assert plain - {route.path for route in ROUTES} == UNDOCUMENTED


async def send(world: World, request: Request, headers: Mapping[str, str]) -> httpx.Response:
    """Send a request as somebody."""
    return await world.client.request(request.method, request.url, headers=dict(headers), **request.options)


def readable(response: httpx.Response, renamed: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
    """Give an answer without the id of its request, and with some ids replaced by others of the same length."""
    request_id = response.headers.get("request-id", "")
    body = response.content.replace(request_id.encode(), b"-") if request_id else response.content
    headers = {name: value for name, value in response.headers.items() if name != "request-id"}
    for old, new in renamed.items():
        body = body.replace(old.encode(), new.encode())
        headers = {name: value.replace(old, new) for name, value in headers.items()}
    return response.status_code, headers, body


def renaming(one: Ids, other: Ids) -> dict[str, str]:
    """Map ids to their counterparts, numbers with and without what stands before them."""
    pairs = dict(zip((value for _, value in one.items()), (value for _, value in other.items()), strict=True))
    return pairs | {old.removeprefix("phone:"): new.removeprefix("phone:") for old, new in pairs.items()}


def leaks(world: World, request: Request, response: httpx.Response) -> list[str]:
    """Name what an answer tells of the foreign workspace beyond what the request said itself."""
    text = response.text
    told = [kind for kind, value in world.foreign.ids.items() if value.removeprefix("phone:") in text]
    found = [kind for kind in told if kind not in request.kinds(world.foreign.ids)]
    return [*found, *([MARK] if MARK in text else [])]


async def assert_same_as_unknown(
    world: World, real: Request, ghost: Request, headers: Mapping[str, str], renamed: Mapping[str, str]
) -> httpx.Response:
    """Check that a foreign id gets byte for byte what an id gets that never existed."""
    answer, unknown = await send(world, real, headers), await send(world, ghost, headers)
    assert readable(answer, renamed) == readable(unknown, renamed), f"{real.method} {real.url}"
    assert leaks(world, real, answer) == []
    return answer


@pytest.mark.parametrize("route", INSIDE)
async def test_a_foreign_workspace_looks_like_one_that_never_existed(world: World, route: Route) -> None:
    before = await fingerprint(world, world.foreign)
    nowhere = encode_id("wsp", new_uuid7())
    renamed = {world.foreign.slug: nowhere}
    ways = [world.mine.owner.headers, {"Authorization": f"Bearer {world.mine.key}"}]
    ways += [{**headers, "Idempotency-Key": f"{route.name} {number}"} for number, headers in enumerate(ways)]
    for headers in ways:
        for ids in (world.foreign.ids, world.mine.ids):
            real, unknown = requests_for(route, world.foreign.slug, ids), requests_for(route, nowhere, ids)
            for one, other in zip(real, unknown, strict=True):
                answer = await assert_same_as_unknown(world, one, other, headers, renamed)
                assert answer.status_code == 404
    assert await fingerprint(world, world.foreign) == before


def foreign_variants(world: World, route: Route, slug: str, ghost: Ids) -> Iterator[tuple[Request, Request]]:
    """Requests in one's own workspace with one foreign id each, then with all of them, beside ones that name ghosts."""
    own, foreign = world.mine.ids, world.foreign.ids
    every = [kind for kind, _ in own.items()]
    for chosen in [*([kind] for kind in every), every]:
        mixed = replace(own, **{kind: getattr(foreign, kind) for kind in chosen})
        unknown = replace(own, **{kind: getattr(ghost, kind) for kind in chosen})
        for one, other in zip(requests_for(route, slug, mixed), requests_for(route, slug, unknown), strict=True):
            if one.kinds(foreign):
                yield one, other


@pytest.mark.parametrize("route", INSIDE)
async def test_a_foreign_id_in_ones_own_workspace_looks_like_one_that_never_existed(world: World, route: Route) -> None:
    before, ghost = await fingerprint(world, world.foreign), ghost_ids()
    ways = [(world.mine.slug, world.mine.owner.headers), ("current", {"Authorization": f"Bearer {world.mine.key}"})]
    for slug, headers in ways:
        for real, unknown in foreign_variants(world, route, slug, ghost):
            answer = await assert_same_as_unknown(world, real, unknown, headers, renaming(world.foreign.ids, ghost))
            if Request(method="", url=real.url, options={}).kinds(world.foreign.ids):
                assert answer.status_code == 404, answer.text
    assert await fingerprint(world, world.foreign) == before


@pytest.mark.parametrize("route", [case for case in INSIDE if not set(case.values[0].parameters) - {"workspace"}])  # type: ignore[union-attr]
async def test_lists_and_new_objects_of_ones_own_workspace_tell_nothing_of_another(world: World, route: Route) -> None:
    before = await fingerprint(world, world.foreign)
    for request in requests_for(route, world.mine.slug, world.mine.ids):
        answer = await send(world, request, world.mine.owner.headers)
        assert answer.status_code in {200, 201, 202, 409, 422, 502}, answer.text
        assert leaks(world, request, answer) == []
    assert await fingerprint(world, world.foreign) == before


@pytest.mark.parametrize("path", ["/api/v1/auth/me", "/api/v1/workspaces"])
async def test_what_a_person_sees_of_themselves_tells_nothing_of_another_workspace(world: World, path: str) -> None:
    answer = await world.client.get(path, headers=world.mine.owner.headers)
    assert answer.status_code == 200
    assert MARK not in answer.text
    assert world.foreign.slug not in answer.text
