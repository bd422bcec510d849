"""The web process: the API, webhooks, health and metrics."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from blazz import __version__
from blazz.domains.audit.routes import router as audit_router
from blazz.domains.billing.routes import router as billing_router
from blazz.domains.campaigns.routes import router as campaigns_router
from blazz.domains.channels import WebhookIntake
from blazz.domains.channels.routes import router as channels_router
from blazz.domains.channels.webhooks import webhook_routes
from blazz.domains.contacts.routes import router as contacts_router
from blazz.domains.identity.routes import router as identity_router
from blazz.domains.inbox.routes import file_routes
from blazz.domains.inbox.routes import router as inbox_router
from blazz.domains.realtime.routes import router as events_router
from blazz.domains.templates.routes import router as templates_router
from blazz.domains.workspaces import authenticate
from blazz.domains.workspaces.routes import auth_router as people_router
from blazz.domains.workspaces.routes import root_router as workspaces_root_router
from blazz.domains.workspaces.routes import router as workspaces_router
from blazz.kernel.clock_sync import SYNC_SECONDS, follow_database_clock
from blazz.kernel.db.retry import is_database_away
from blazz.kernel.http import IdempotencyMiddleware, RequestMiddleware, RunAgainMiddleware, install_problem_handlers
from blazz.kernel.jobs import preload
from blazz.kernel.metrics import render_metrics
from blazz.kernel.runtime import Runtime
from blazz.kernel.space import read_space, show_space
from blazz.main.api_docs import docs_routes
from blazz.main.api_document import Api
from blazz.main.wiring import Providers, webhook_secrets
from blazz.migrations.partitions import MONTHS_AHEAD

_WORKSPACE = "/api/v1/workspaces/{workspace}"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "testclient"})


def make_app(runtime: Runtime) -> FastAPI:
    """Build the application around an open runtime."""
    providers = Providers(runtime.settings)
    intake = WebhookIntake(runtime.database, runtime.spool_dir, clock=runtime.clock)
    secrets = webhook_secrets(runtime)

    webhooks = webhook_routes(intake, secrets)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await intake.start()
        async with _beside_requests(runtime):
            yield
        await intake.stop()
        await providers.aclose()

    app = Api(
        title="Blazz",
        version=__version__,
        summary="Self-hosted WhatsApp Business messaging.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        # The order matters: webhooks and health are plain routes and never pass FastAPI's own machinery.
        routes=[*webhooks, *file_routes(runtime), *_health_routes(runtime)],
    )
    app.state.webhooks = Router(webhooks)
    app.state.runtime = runtime
    app.state.authenticate = authenticate
    app.state.pick_provider = providers.pick
    app.state.intake = intake
    for router in (identity_router, people_router):
        app.include_router(router, prefix="/api/v1")
    app.include_router(workspaces_root_router, prefix="/api/v1")
    app.include_router(workspaces_router, prefix=_WORKSPACE)
    for router in (
        billing_router,
        audit_router,
        events_router,
        channels_router,
        contacts_router,
        inbox_router,
        templates_router,
        campaigns_router,
    ):
        app.include_router(router, prefix=_WORKSPACE)
    app.router.routes.extend(docs_routes(app))
    install_problem_handlers(app)
    # The last one added sees a request first: a repeated run stays inside the key that was claimed for it.
    app.add_middleware(RunAgainMiddleware)
    app.add_middleware(IdempotencyMiddleware)
    app.add_middleware(RequestMiddleware)
    return app


class FrontDoor:
    """Lets webhooks in past the API's middleware, which costs them more than everything they need."""

    def __init__(self, app: FastAPI) -> None:
        """Stand in front of an application of ``make_app``."""
        self._app: ASGIApp = app
        self._webhooks: ASGIApp = app.state.webhooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        is_webhook = scope["type"] == "http" and scope["path"].startswith("/webhooks/")
        await (self._webhooks if is_webhook else self._app)(scope, receive, send)


async def _keep_clock(runtime: Runtime) -> None:
    """Follow the database's clock for as long as the process serves."""
    while True:
        await asyncio.sleep(SYNC_SECONDS)
        try:
            await follow_database_clock(runtime.database)
        except Exception as error:
            if not is_database_away(error):
                raise


@asynccontextmanager
async def _beside_requests(runtime: Runtime) -> AsyncIterator[None]:
    """Follow the database's clock, and import beside the first requests what one of them will need."""
    loading = asyncio.create_task(asyncio.to_thread(preload))
    clock = asyncio.create_task(_keep_clock(runtime))
    yield
    clock.cancel()
    await loading


def _plain(secret: object) -> str:
    reveal = getattr(secret, "get_secret_value", None)
    return str(reveal()) if reveal else ""


def _health_routes(runtime: Runtime) -> list[Route]:
    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        checks, ready = await _readiness(runtime)
        return Response(msgspec.json.encode(checks), 200 if ready else 503, media_type="application/json")

    async def metrics(request: Request) -> Response:
        token = _plain(runtime.settings.metrics_token)
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        local = request.client is not None and request.client.host in _LOOPBACK
        if not (hmac.compare_digest(given, token) if token else local):
            return PlainTextResponse("not allowed", 403)
        await _renew_storage_metrics(runtime)
        return Response(render_metrics(), media_type="text/plain; version=0.0.4")

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


async def _readiness(runtime: Runtime) -> tuple[dict[str, str], bool]:
    checks = {"database": "ok", "partitions": "ok", "schema": "ok"}
    try:
        async with runtime.database.system() as tx:
            names = [row["relname"] for row in await tx.fetch(_PARTITIONS)]
            storage = show_space(await read_space(tx))
    except Exception as error:
        if not is_database_away(error):
            raise
        return {"database": "away", "partitions": "unknown", "schema": "unknown", "storage": "unknown"}, False
    now = runtime.clock.now()
    ahead = sum(_month_name(now, offset) in names for offset in range(1, MONTHS_AHEAD + 1))
    # Two months ahead is still calm; less means that the maintainer has not run for a month.
    if ahead < MONTHS_AHEAD - 1:
        checks["partitions"] = f"only {ahead} months ahead"
    # A full disk makes nobody unready: agents, the API and webhooks go on.
    return {**checks, "storage": storage}, all(value == "ok" for value in checks.values())


async def _renew_storage_metrics(runtime: Runtime) -> None:
    try:
        async with runtime.database.system() as tx:
            show_space(await read_space(tx))
    except Exception as error:
        # The other metrics are worth having just then.
        if not is_database_away(error):
            raise


_PARTITIONS = (
    "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'messages'::regclass"
)


def _month_name(now: datetime, offset: int) -> str:
    month = now.month - 1 + offset
    at = datetime(now.year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return f"messages_{at:%Y_%m}"
