"""A request that wished to run again does so once, with what the client sent, and answers once."""

from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from blazz.kernel.http import RunAgainMiddleware
from blazz.kernel.http.again import wish_to_run_again

Call = Callable[[str, bytes], "object"]


def client_of(wishes: int, bodies: list[bytes]) -> httpx.AsyncClient:
    """Serve a handler that wishes to run again in its first runs."""

    async def handler(request: Request) -> Response:
        bodies.append(await request.body())
        if len(bodies) <= wishes:
            wish_to_run_again(request.state)
            return PlainTextResponse("collided", 409)
        return PlainTextResponse(f"run {len(bodies)}")

    app = Starlette(routes=[Route("/", handler, methods=["POST"])])
    app.add_middleware(RunAgainMiddleware)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://blazz.test")


@pytest.mark.parametrize(("wishes", "runs", "status"), [(0, 1, 200), (1, 2, 200), (2, 2, 409)])
async def test_a_request_runs_twice_at_most(wishes: int, runs: int, status: int) -> None:
    bodies: list[bytes] = []
    async with client_of(wishes, bodies) as client:
        answer = await client.post("/", content=b"halo")
    assert (answer.status_code, bodies) == (status, [b"halo"] * runs)


async def test_a_large_request_is_not_kept_and_so_not_repeated() -> None:
    bodies: list[bytes] = []
    async with client_of(1, bodies) as client:
        answer = await client.post("/", content=b"x" * 1_000_001)
    assert (answer.status_code, len(bodies)) == (409, 1)
