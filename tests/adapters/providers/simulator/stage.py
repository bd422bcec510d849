"""A simulator on a real socket, a callback that keeps what it gets, and a client with the token."""

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from blazz.adapters.providers.simulator import Behaviour, SimulatorConfig
from blazz.adapters.providers.simulator.scenario import Scenario
from blazz.adapters.providers.simulator.server import make_app, make_simulator
from blazz.adapters.providers.simulator.state import Simulator
from tests.support_processes import free_port, serving

Json = dict[str, object]
NUMBER, ACCOUNT, APP = "200000000000001", "100000000000001", "400000000000001"
PERSON, OTHER = "6281200000001", "6281200000002"
QUIET = Behaviour(not_on_whatsapp=0, delivered=0, read=0, reply=0, opt_out=0)
READERS = Behaviour(not_on_whatsapp=0, delivered=1, read=1, reply=0, opt_out=0)
TOKEN = {"Authorization": "Bearer simulator-token"}


@dataclass(slots=True)
class Callback:
    """What came; ``refusals`` are the statuses of the next answers before it says 200."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    refused: int = 0
    verify_token: str = "right"

    async def take(self, request: Request) -> Response:
        if request.method == "GET":
            query = request.query_params
            right = query.get("hub.verify_token") == self.verify_token
            return PlainTextResponse(query["hub.challenge"] if right else "no", 200 if right else 403)
        body = await request.body()
        if self.refusals:
            self.refused += 1
            return Response(status_code=self.refusals.pop(0))
        self.bodies.append(body)
        self.headers.append(request.headers)
        return Response()

    def changes(self, name: str = "messages") -> list[Json]:
        """The values of a field, in the order they came."""
        found: list[Json] = []
        for body in self.bodies:
            for entry in msgspec.json.decode(body)["entry"]:
                found += [change["value"] for change in entry["changes"] if change["field"] == name]
        return found

    def items(self, name: str) -> list[Json]:
        """The statuses or messages, in the order they came."""
        return [item for value in self.changes() for item in cast("list[Json]", value.get(name, []))]

    def signed(self, secret: str) -> bool:
        """Whether every body carries the right signature."""
        pairs = zip(self.bodies, self.headers, strict=True)
        return all(
            headers["x-hub-signature-256"] == "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()
            for body, headers in pairs
        )


@dataclass(slots=True)
class Stage:
    """Everything a test speaks to."""

    simulator: Simulator
    callback: Callback
    client: httpx.AsyncClient

    async def graph(self, method: str, path: str, **more: object) -> httpx.Response:
        """Call the Graph API below a version, with the token."""
        return await self.client.request(method, f"/v25.0/{path}", **more)  # type: ignore[arg-type]

    async def send(self, body: Json, *, number: str = NUMBER) -> httpx.Response:
        """Send a message to PERSON unless the body says otherwise."""
        whole = {"messaging_product": "whatsapp", "to": PERSON} | body
        return await self.graph("POST", f"{number}/messages", json=whole)

    async def control(self, name: str, body: Json | None = None) -> Json:
        """Do something through the control door, which takes it."""
        answer = await self.client.post(f"/_sim/{name}", json=body or {}, headers={"Authorization": ""})
        assert answer.status_code == 200, answer.text
        return cast("Json", answer.json())

    async def refused_control(self, name: str, body: Json) -> str:
        """Do something through the control door, which refuses it; answer why."""
        answer = await self.client.post(f"/_sim/{name}", json=body)
        assert answer.status_code == 400
        return str(answer.json()["error"]["error_data"]["details"])

    async def open_window(self, person: str = PERSON) -> None:
        """Let free-form messages through."""
        await self.control("window", {"from": person, "open": True})

    async def drain(self) -> None:
        """Wait until every webhook has come."""
        answer = await self.client.post("/_sim/drain?timeout=20")
        assert answer.json() == {"drained": True}


@asynccontextmanager
async def staged(folder: Path, scenario: Scenario | None = None, **settings: object) -> AsyncIterator[Stage]:
    """Run a simulator and its callback for as long as the block."""
    callback, port, callback_port = Callback(), free_port(), free_port()
    callback.url = f"http://127.0.0.1:{callback_port}/hook"
    quick: Json = {
        "data_dir": folder,
        "port": port,
        "callback_url": callback.url,
        "time_scale": 0.001,
        "batch_seconds": 0.01,
        "retry_first_seconds": 0.01,
        "template_review_seconds": 0.0,
        "behaviour": QUIET,
    }
    simulator = make_simulator(SimulatorConfig(**(quick | settings)))  # type: ignore[arg-type]
    receiver = Starlette(routes=[Route("/hook", callback.take, methods=["GET", "POST"])])
    async with (
        serving(receiver, callback_port),
        serving(make_app(simulator, scenario), port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=TOKEN, timeout=20) as client,
    ):
        yield Stage(simulator, callback, client)


def error_of(answer: httpx.Response) -> Json:
    """Read the envelope of a refusal."""
    return cast("Json", answer.json()["error"])


def details_of(answer: httpx.Response) -> str:
    """Read what explains a refusal."""
    return str(cast("Json", error_of(answer)["error_data"])["details"])


def code_of(answer: httpx.Response) -> int:
    """Read the code of a refusal."""
    return cast("int", error_of(answer)["code"])


async def until(holds: Callable[[], bool], seconds: float = 15) -> None:
    """Wait for something that another task brings about."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)


def template(name: str = "sapa_pelanggan", *values: str, **more: object) -> Json:
    """Write a template send."""
    parameters = [{"type": "text", "text": value} for value in values or ("Budi",)]
    found: Json = {"name": name, "language": {"code": "id"}, "components": [{"type": "body", "parameters": parameters}]}
    return {"type": "template", "template": found | more}
