"""The control door under ``/_sim``: look inside, make things happen, wait for webhooks, play scenarios."""

import asyncio
import time
from collections.abc import Callable
from itertools import islice

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from blazz.adapters.providers.simulator.actions import ACTIONS, Action
from blazz.adapters.providers.simulator.errors import GraphError, bad, unknown_object
from blazz.adapters.providers.simulator.files import FileInvalid
from blazz.adapters.providers.simulator.requests import Handler, answer, read_body, whole_number
from blazz.adapters.providers.simulator.scenario import ScenarioRun, play, read_scenario
from blazz.adapters.providers.simulator.shapes import Json
from blazz.adapters.providers.simulator.state import Simulator

_LONGEST_WAIT_SECONDS = 120


def control_routes(simulator: Simulator) -> list[Route]:
    """List the routes of the control door; it asks for no token."""
    door = ControlDoor(simulator)
    looks: dict[str, Callable[[Request], Json]] = {
        "health": lambda _: door.stats(),
        "stats": lambda _: door.stats(),
        "acceptances": door.acceptances,
        "actions": lambda _: {"actions": {name: action.help for name, action in ACTIONS.items()}},
        "scenario": lambda _: door.scenario.as_json(),
    }
    return [
        *(Route(f"/_sim/{name}", door.looking(look), methods=["GET"]) for name, look in looks.items()),
        Route("/_sim/drain", door.refusing(door.drain), methods=["POST"]),
        Route("/_sim/scenario", door.refusing(door.play), methods=["POST"]),
        # The older name of the action that people use most.
        Route("/_sim/customers", door.acting(ACTIONS["text"]), methods=["POST"]),
        *(Route(f"/_sim/{name}", door.acting(action), methods=["POST"]) for name, action in ACTIONS.items()),
        Route("/_sim/{rest:path}", door.refusing(_unknown), methods=["GET", "POST", "DELETE"]),
    ]


async def _unknown(request: Request) -> Response:
    raise unknown_object(request.url.path, request.method)


class ControlDoor:
    """Answers the control door."""

    def __init__(self, simulator: Simulator) -> None:
        """Keep the simulator; no scenario plays yet."""
        self._simulator = simulator
        self.scenario = ScenarioRun()
        self._playing: asyncio.Task[None] | None = None

    def refusing(self, act: Handler) -> Handler:
        """Turn refusals into envelopes."""

        async def handle(request: Request) -> Response:
            try:
                return await act(request)
            except GraphError as error:
                return error.response()
            except msgspec.ValidationError as error:
                return bad(str(error)).response()

        return handle

    def looking(self, look: Callable[[Request], Json]) -> Handler:
        """Answer a question."""

        async def handle(request: Request) -> Response:
            return answer(look(request))

        return self.refusing(handle)

    def acting(self, action: Action) -> Handler:
        """Do an action with the body's fields."""

        async def handle(request: Request) -> Response:
            return answer(action.perform(self._simulator, await read_body(request)))

        return self.refusing(handle)

    def stats(self) -> Json:
        """Tell what was accepted and how far the webhooks are."""
        hooks = self._simulator.webhooks
        return {
            "accepted": self._simulator.log.count,
            "webhooks": {
                "callback_url": hooks.callback_url,
                "posts": hooks.sent,
                "updates_acknowledged": hooks.acknowledged,
                "updates_pending": hooks.pending,
                "updates_given_up": hooks.given_up,
                "last_problem": hooks.last_problem,
            },
        }

    def acceptances(self, request: Request) -> Json:
        """List accepted messages, oldest first; ``to`` and ``opaque`` narrow, ``after`` and ``limit`` page."""
        query = request.query_params
        start = whole_number(query.get("after"), 0, "after")
        limit = min(whole_number(query.get("limit"), 100, "limit"), 10_000)
        found = (
            one
            for one in self._simulator.log.read()
            if query.get("to", one.to) == one.to and query.get("opaque", one.opaque) == one.opaque
        )
        data = list(islice(found, start, start + limit))
        return {"data": data, "after": start + len(data)}

    async def drain(self, request: Request) -> Response:
        """Wait until every webhook that is due now or later was acknowledged."""
        seconds = whole_number(request.query_params.get("timeout"), 30, "timeout")
        return answer({"drained": await drained(self._simulator, min(seconds, _LONGEST_WAIT_SECONDS))})

    async def play(self, request: Request) -> Response:
        """Check a scenario and play it in the background; its file is the body, JSON or TOML."""
        if self._playing is not None and not self._playing.done():
            raise bad("a scenario is playing already")
        raw = (await request.body()).decode("utf-8", "replace")
        kind = "toml" if "toml" in request.headers.get("content-type", "") else "json"
        try:
            made = read_scenario(raw, f"body.{kind}")
        except FileInvalid as error:
            raise bad(str(error)) from None
        self.scenario = ScenarioRun(state="playing", steps=len(made.steps))
        self._playing = asyncio.create_task(play(self._simulator, made, self.scenario))
        return answer(self.scenario.as_json())


async def drained(simulator: Simulator, seconds: float) -> bool:
    """Wait until nothing is pending, so many seconds at most."""
    end = time.monotonic() + seconds
    while simulator.webhooks.pending and time.monotonic() < end:  # noqa: ASYNC110 - many things end a delivery, none of them signals
        await asyncio.sleep(0.05)
    return simulator.webhooks.pending == 0
