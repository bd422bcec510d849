"""The HTTP side of the simulator."""

import asyncio
import contextlib
import random
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from blazz.adapters.providers.simulator.acceptance_log import Acceptance, AcceptanceLog
from blazz.adapters.providers.simulator.config import Faults, SimulatorConfig
from blazz.adapters.providers.simulator.customers import plan_for
from blazz.adapters.providers.simulator.errors import GraphError
from blazz.adapters.providers.simulator.limits import Limits
from blazz.adapters.providers.simulator.media import MediaShelf
from blazz.adapters.providers.simulator.sends import Send, read_send
from blazz.adapters.providers.simulator.templates import TemplateBook
from blazz.adapters.providers.simulator.webhooks import WebhookSender, text_message

Json = dict[str, object]
_PHONE = re.compile(r"^[1-9]\d{6,14}$")


@dataclass(slots=True)
class Simulator:
    """Everything one simulated account holds."""

    config: SimulatorConfig
    log: AcceptanceLog
    templates: TemplateBook
    webhooks: WebhookSender
    limits: Limits
    media: MediaShelf
    faults: Faults
    windows: dict[str, float] = field(default_factory=dict)
    chance: random.Random = field(default_factory=random.Random)

    def resume(self) -> None:
        """After a restart, schedule again what earlier acceptances lead to: statuses are never lost with the process.

        Everything is sent again, because what the callback acknowledged before is not known; receivers must take
        repeated webhooks anyway.
        """
        for entry in self.log.read():
            self._follow_up(entry.to, entry.wamid, entry.opaque, free_form=entry.template is None)

    def _follow_up(self, to: str, wamid: str, opaque: str | None, *, free_form: bool) -> None:
        plan = plan_for(to, wamid, self.config.behaviour, self.config.seed, free_form=free_form)
        if plan.reply_after is not None:
            self.windows[to] = time.time() + plan.reply_after * self.config.time_scale + 86_400
        self.webhooks.schedule_plan(to, wamid, opaque, plan, "service" if free_form else "marketing")

    async def accept(self, send: Send) -> Json:
        """Accept a message: log it durably, schedule its consequences, answer.

        Raises:
            GraphError: a limit is reached, the template is not sendable, or the window is closed.

        """
        if send.template is not None:
            self.templates.check_send(send.template)
        elif self.windows.get(send.to, 0) < time.time() and send.type != "reaction":
            raise GraphError(131047, "Re-engagement message", "more than 24 hours since the customer last replied")
        self.limits.admit(send.to)
        wamid = f"wamid.{secrets.token_urlsafe(24)}"
        entry = Acceptance(
            at=time.time(),
            phone_number_id=self.config.number_id,
            to=send.to,
            wamid=wamid,
            opaque=send.opaque,
            type=send.type,
            template=str(send.template.get("name")) if send.template else None,
        )
        if self.chance.random() < self.faults.status_before_answer:
            self._follow_up(send.to, wamid, send.opaque, free_form=send.template is None)
            await self.log.append(entry)
        else:
            await self.log.append(entry)
            self._follow_up(send.to, wamid, send.opaque, free_form=send.template is None)
        message: Json = {"id": wamid}
        if send.template is not None:
            message["message_status"] = "accepted"
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": send.to, "wa_id": send.to}],
            "messages": [message],
        }


def make_simulator(config: SimulatorConfig) -> Simulator:
    """Build a simulator from its configuration."""
    return Simulator(
        config=config,
        log=AcceptanceLog(config.data_dir / "acceptances.jsonl"),
        templates=TemplateBook(config.template_review_seconds),
        webhooks=WebhookSender(config),
        limits=Limits(config),
        media=MediaShelf(config.data_dir / "media"),
        faults=config.faults,
        chance=random.Random(config.seed),  # noqa: S311 - a simulation
    )


def make_app(simulator: Simulator) -> Starlette:
    """Build the application: the Graph API with and without a version, and the control door under ``/_sim``."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        simulator.resume()
        tasks = [asyncio.create_task(simulator.webhooks.run()), asyncio.create_task(_review(simulator))]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        simulator.log.close()

    graph = _GraphApi(simulator)
    routes = [
        *graph.routes("/{version:str}"),
        *graph.routes(""),
    ]
    control = [
        Route("/_sim/health", _json(lambda _: _stats(simulator))),
        Route("/_sim/stats", _json(lambda _: _stats(simulator))),
        Route("/_sim/customers", _control(simulator, _customer_writes), methods=["POST"]),
        Route("/_sim/faults", _control(simulator, _set_faults), methods=["POST"]),
        Route("/_sim/callback", _control(simulator, _set_callback), methods=["POST"]),
        Route("/_sim/drain", _drain(simulator), methods=["POST"]),
    ]
    return Starlette(routes=[*control, *routes], lifespan=lifespan)


def _stats(simulator: Simulator) -> Json:
    hooks = simulator.webhooks
    return {
        "accepted": simulator.log.count,
        "webhooks": {"posts": hooks.sent, "updates_acknowledged": hooks.acknowledged, "updates_pending": hooks.pending},
    }


def _customer_writes(simulator: Simulator, body: Json) -> Json:
    sender, text = str(body.get("from", "")), str(body.get("text", ""))
    if not _PHONE.match(sender) or not text:
        raise GraphError(100, "Invalid parameter", "from takes digits in international form, text any words")
    wamid = f"wamid.IN{secrets.token_urlsafe(18)}"
    simulator.windows[sender] = time.time() + 86_400
    simulator.webhooks.schedule(0, "messages", text_message(sender, wamid, text))
    return {"id": wamid}


def _set_faults(simulator: Simulator, body: Json) -> Json:
    simulator.faults = msgspec.convert(body, Faults)
    return {"success": True}


def _set_callback(simulator: Simulator, body: Json) -> Json:
    url = str(body.get("url", ""))
    if not url.startswith(("http://", "https://")):
        raise GraphError(100, "Invalid parameter", "url takes an http:// or https:// address")
    simulator.webhooks.call_back(url)
    return {"success": True}


def _drain(simulator: Simulator) -> Callable[[Request], Awaitable[Response]]:
    async def drain(request: Request) -> Response:
        end = time.monotonic() + min(float(request.query_params.get("timeout", "30")), 120)
        while simulator.webhooks.pending and time.monotonic() < end:  # noqa: ASYNC110 - many things end a delivery, none of them signals
            await asyncio.sleep(0.05)
        return _answer({"drained": simulator.webhooks.pending == 0})

    return drain


async def _review(simulator: Simulator) -> None:
    while True:
        for one in simulator.templates.due_reviews():
            simulator.webhooks.schedule(
                0,
                "message_template_status_update",
                {
                    "event": one.status,
                    "message_template_id": int(one.id),
                    "message_template_name": one.definition["name"],
                    "message_template_language": one.definition["language"],
                    "reason": one.reason,
                },
            )
        await asyncio.sleep(0.5)


def _answer(body: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def _json(make: Callable[[Request], Json]) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        return _answer(make(request))

    return handle


def _control(simulator: Simulator, act: Callable[[Simulator, Json], Json]) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            return _answer(act(simulator, msgspec.json.decode(await request.body(), type=dict[str, object])))
        except GraphError as error:
            return error.response()
        except msgspec.DecodeError as error:
            return GraphError(100, "Invalid parameter", str(error)).response()

    return handle


@dataclass(frozen=True, slots=True)
class _GraphApi:
    simulator: Simulator

    def routes(self, prefix: str) -> list[Route]:
        number = self.simulator.config.number_id
        account = self.simulator.config.account_id
        return [
            Route(f"{prefix}/{number}/messages", self._guarded(self._send), methods=["POST"]),
            Route(f"{prefix}/{number}/media", self._guarded(self._upload), methods=["POST"]),
            Route(f"{prefix}/{number}", self._guarded(self._number), methods=["GET"]),
            Route(f"{prefix}/{account}/phone_numbers", self._guarded(self._numbers), methods=["GET"]),
            Route(f"{prefix}/{account}/message_templates", self._guarded(self._list_templates), methods=["GET"]),
            Route(f"{prefix}/{account}/message_templates", self._guarded(self._create_template), methods=["POST"]),
            Route(f"{prefix}/{account}/message_templates", self._guarded(self._delete_template), methods=["DELETE"]),
            Route(f"{prefix}/{account}/subscribed_apps", self._guarded(self._subscribe), methods=["POST", "GET"]),
            Route(f"{prefix}/media/{{id}}/file", self._guarded(self._file), methods=["GET"]),
            Route(f"{prefix}/{{id}}", self._guarded(self._object), methods=["GET", "DELETE"]),
        ]

    def _guarded(self, act: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        wanted = f"Bearer {self.simulator.config.access_token}"

        async def handle(request: Request) -> Response:
            try:
                if request.headers.get("authorization") != wanted:
                    raise GraphError(  # noqa: TRY301 - the guard answers its own refusal
                        190, "Invalid OAuth access token", "the access token is not the one of this account"
                    )
                return await act(request)
            except GraphError as error:
                return error.response()
            except msgspec.DecodeError as error:
                return GraphError(100, "Invalid parameter", f"the body is not valid JSON: {error}").response()

        return handle

    async def _send(self, request: Request) -> Response:
        faults, chance = self.simulator.faults, self.simulator.chance
        body = msgspec.json.decode(await request.body(), type=dict[str, object])
        if body.get("status") == "read":
            return _answer({"success": True})
        if chance.random() < faults.slow:
            await asyncio.sleep(faults.slow_seconds)
        if chance.random() < faults.throttled:
            raise GraphError(130429, "Rate limit hit", "the number's throughput is used up")
        if chance.random() < faults.error_before_accept:
            return Response("<html>502 Bad Gateway</html>", 502, media_type="text/html")
        answer = await self.simulator.accept(read_send(body, self.simulator.config.display_phone))
        if chance.random() < faults.accept_then_hang:
            await asyncio.sleep(self.simulator.config.hang_seconds)
        if chance.random() < faults.error_after_accept:
            return Response("<html>503 Service Unavailable</html>", 503, media_type="text/html")
        if chance.random() < faults.accept_then_reset:
            # Answer with a promise that is not kept: the client sees the connection break inside the body.
            return Response(b'{"mess', 200, {"content-length": "512"}, media_type="application/json")
        return _answer(answer)

    async def _number(self, _request: Request) -> Response:
        return _answer(self._number_json())

    def _number_json(self) -> Json:
        config = self.simulator.config
        return {
            "id": config.number_id,
            "display_phone_number": config.display_phone,
            "verified_name": "Toko Simulasi",
            "quality_rating": "GREEN",
            "status": "CONNECTED",
            "platform_type": "CLOUD_API",
            "code_verification_status": "VERIFIED",
            "name_status": "APPROVED",
            "throughput": {"level": "HIGH" if config.messages_per_second > 80 else "STANDARD"},
            "whatsapp_business_manager_messaging_limit": "TIER_UNLIMITED",
        }

    async def _numbers(self, _request: Request) -> Response:
        return _answer({"data": [self._number_json()], "paging": {"cursors": {"before": "a", "after": "a"}}})

    async def _list_templates(self, request: Request) -> Response:
        query = request.query_params
        found = [
            one.as_json()
            for one in self.simulator.templates.by_key.values()
            if query.get("name", one.definition["name"]) == one.definition["name"]
            and query.get("status", one.status) == one.status
        ]
        limit = max(1, min(int(query.get("limit", "25")), 100))
        start = int(query.get("after", "0") or 0)
        page, end = found[start : start + limit], start + limit
        paging: Json = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(found):
            paging["next"] = f"{request.url.path}?after={end}&limit={limit}"
        return _answer({"data": page, "paging": paging})

    async def _create_template(self, request: Request) -> Response:
        made = self.simulator.templates.create(msgspec.json.decode(await request.body(), type=dict[str, object]))
        return _answer({"id": made.id, "status": made.status, "category": made.definition["category"]})

    async def _delete_template(self, request: Request) -> Response:
        query = request.query_params
        if not self.simulator.templates.delete(query.get("name", ""), query.get("hsm_id")):
            raise GraphError(100, "Invalid parameter", "no template of that name")
        return _answer({"success": True})

    async def _subscribe(self, _request: Request) -> Response:
        return _answer({"success": True})

    async def _upload(self, request: Request) -> Response:
        form = await request.form()
        file = form.get("file")
        if form.get("messaging_product") != "whatsapp" or file is None or isinstance(file, str):
            raise GraphError(100, "Invalid parameter", "messaging_product=whatsapp and a file are required")
        return _answer({"id": self.simulator.media.put(await file.read(), file.content_type or "")})

    async def _file(self, request: Request) -> Response:
        kind, data = self.simulator.media.get(request.path_params["id"])
        return Response(data, media_type=kind)

    async def _object(self, request: Request) -> Response:
        wanted = request.path_params["id"]
        template = next((one for one in self.simulator.templates.by_key.values() if one.id == wanted), None)
        if template is not None:
            return _answer(template.as_json())
        if request.method == "DELETE":
            self.simulator.media.delete(wanted)
            return _answer({"success": True})
        base = str(request.base_url).rstrip("/")
        return _answer(self.simulator.media.describe(wanted, f"{base}/media/{wanted}/file"))


async def run_simulator(config: SimulatorConfig) -> None:
    """Serve until told to stop."""
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(make_simulator(config)),
            host=config.host,
            port=config.port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=5,
        )
    )
    await server.serve()
