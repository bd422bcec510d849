"""The HTTP side of the simulator: which path leads to which room."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from blazz.adapters.providers.simulator.config import SimulatorConfig
from blazz.adapters.providers.simulator.control import control_routes
from blazz.adapters.providers.simulator.errors import unknown_object
from blazz.adapters.providers.simulator.graph_account import AccountRoom
from blazz.adapters.providers.simulator.graph_messages import MessageRoom
from blazz.adapters.providers.simulator.requests import Handler, answer, guarded
from blazz.adapters.providers.simulator.scenario import Scenario, play
from blazz.adapters.providers.simulator.state import Simulator, make_simulator

__all__ = ["make_app", "make_simulator", "run_simulator"]
_REVIEW_SECONDS = 0.1
_ALL = ["GET", "POST", "DELETE"]
_NUMBER_CALLS = {
    "request_code": {"POST"},
    "verify_code": {"POST"},
    "register": {"POST"},
    "deregister": {"POST"},
    "settings": {"GET", "POST"},
}


def make_app(simulator: Simulator, scenario: Scenario | None = None) -> Starlette:
    """Build the application: the Graph API with and without a version, and the control door under ``/_sim``."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        simulator.resume()
        tasks = [asyncio.create_task(simulator.webhooks.run()), asyncio.create_task(_review(simulator))]
        if scenario is not None:
            tasks.append(asyncio.create_task(play(simulator, scenario)))
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        simulator.log.close()

    graph = GraphApi(simulator)
    versions = "/v{version:float}", ""
    return Starlette(
        routes=[*control_routes(simulator), *(route for prefix in versions for route in graph.routes(prefix))],
        exception_handlers={404: _unknown_path, 405: _unknown_path},
        lifespan=lifespan,
    )


async def _unknown_path(request: Request, _error: Exception) -> Response:
    return unknown_object(request.url.path, request.method).response()


async def _review(simulator: Simulator) -> None:
    while True:
        for one in simulator.templates.due_reviews():
            news = one.news(event=one.status, reason=one.reason, message_template_category=one.category)
            if one.status == "REJECTED":
                news["rejection_info"] = {"reason": one.reason, "recommendation": "Change the content and edit it."}
            simulator.webhooks.schedule(0, "message_template_status_update", news)
        await asyncio.sleep(_REVIEW_SECONDS)


class GraphApi:
    """Sends each path to its room."""

    def __init__(self, simulator: Simulator) -> None:
        """Open the rooms."""
        self._simulator = simulator
        self._messages = MessageRoom(simulator)
        self._account = AccountRoom(simulator)

    def routes(self, prefix: str) -> list[Route]:
        """List the routes under a prefix; what names no known id ends in the Graph API's own refusal."""
        account, app = self._simulator.config.account_id, self._simulator.config.app_id

        def route(path: str, act: Handler, methods: list[str], *, management: bool = True) -> Route:
            return Route(f"{prefix}/{path}", guarded(self._simulator, act, management=management), methods=methods)

        rooms = self._account
        return [
            route("{id}/messages", self._send, ["POST"], management=False),
            route("{id}/marketing_messages", self._send_marketing, ["POST"], management=False),
            route("{id}/media", self._upload, ["POST"], management=False),
            route("media/{id}/file", self._messages.file, ["GET"], management=False),
            route(f"{account}/phone_numbers", rooms.list_numbers, ["GET"]),
            route(f"{account}/phone_numbers", rooms.add_number, ["POST"]),
            route(f"{account}/message_templates", rooms.list_templates, ["GET"]),
            route(f"{account}/message_templates", rooms.create_template, ["POST"]),
            route(f"{account}/message_templates", rooms.delete_template, ["DELETE"]),
            route(f"{account}/subscribed_apps", rooms.subscribed_apps, _ALL),
            route(f"{app}/subscriptions", rooms.subscriptions, ["GET", "POST"]),
            route(f"{app}/uploads", self._messages.start_upload, ["POST"]),
            route("{id}/{call}", self._number_call, _ALL),
            route("{id}", self._object, _ALL),
        ]

    async def _send(self, request: Request) -> Response:
        return await self._messages.send(request, self._simulator.numbers.find(request.path_params["id"]))

    async def _send_marketing(self, request: Request) -> Response:
        number = self._simulator.numbers.find(request.path_params["id"])
        return await self._messages.send(request, number, marketing_only=True)

    async def _upload(self, request: Request) -> Response:
        self._simulator.numbers.find(request.path_params["id"])
        return await self._messages.upload(request)

    async def _number_call(self, request: Request) -> Response:
        wanted, call = request.path_params["id"], request.path_params["call"]
        if wanted in self._simulator.templates.by_id and call == "unpause" and request.method == "POST":
            return await self._account.unpause_template(self._simulator.templates.by_id[wanted])
        number = self._simulator.numbers.find(wanted)
        if call == "whatsapp_business_profile" and request.method != "DELETE":
            return await self._account.profile(request, number)
        if call == "block_users":
            return await self._account.block_users(request, number)
        if request.method not in _NUMBER_CALLS.get(call, ()):
            raise unknown_object(f"{wanted}/{call}", request.method)
        return await self._account.number_call(request, number, call)

    async def _object(self, request: Request) -> Response:
        """Answer for a bare id: a template, a number, or a file."""
        wanted, method = request.path_params["id"], request.method
        if wanted.startswith("upload:") and method != "DELETE":
            return await self._messages.resume_upload(request, wanted)
        template = self._simulator.templates.by_id.get(wanted)
        if template is not None and method == "POST":
            return await self._account.edit_template(request, template)
        if template is not None and method == "GET":
            return answer(template.as_json(request.query_params.get("fields", "")))
        number = self._simulator.numbers.by_id.get(wanted)
        if number is not None and method == "POST":
            return await self._account.set_pin(request, number)
        if number is not None and method == "GET":
            return answer(self._account.number_json(number, request.query_params.get("fields", "")))
        if wanted == self._simulator.config.account_id and method == "GET":
            return answer({"id": wanted, "name": "Akun Simulasi", "currency": "IDR", "timezone_id": "66"})
        if method == "DELETE" and self._simulator.media.has(wanted):
            self._simulator.media.delete(wanted)
            return answer({"success": True})
        if method == "GET" and self._simulator.media.has(wanted):
            return self._messages.describe_media(request, wanted)
        raise unknown_object(wanted, method)


def bind(config: SimulatorConfig) -> socket.socket:
    """Take the port and listen, so that whoever reads the address may call; raises OSError when somebody has it.

    Port 0 takes a free one.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in config.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.host, config.port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


async def run_simulator(
    config: SimulatorConfig, scenario: Scenario | None = None, listener: socket.socket | None = None
) -> None:
    """Serve until told to stop, on a bound socket where one is given."""
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(make_simulator(config), scenario),
            host=config.host,
            port=config.port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=5,
        )
    )
    await server.serve(sockets=[listener] if listener is not None else None)
