"""A small provider for tests, and an application that holds only the routes under test."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
from fastapi import APIRouter, FastAPI
from starlette.requests import Request

from blazz.domains.channels.content import TemplateDefinition
from blazz.domains.channels.errors import UnknownProvider
from blazz.domains.channels.failures import FailureCode, SendFailure
from blazz.domains.channels.ports import (
    NumberHealth,
    NumberRef,
    ProviderCallFailed,
    StoredTemplate,
    TemplateCreated,
)
from blazz.kernel.actor import Actor
from blazz.kernel.http import install_problem_handlers
from blazz.kernel.runtime import Runtime


@dataclass
class FakeProvider:
    """Answers from what the test put into it; ``fails`` makes every call fail with that code."""

    fails: FailureCode | None = None
    status: str = "CONNECTED"
    templates: list[StoredTemplate] = field(default_factory=list)
    deleted: list[tuple[str, str | None]] = field(default_factory=list)
    asked: list[NumberRef] = field(default_factory=list)

    def _answer(self, number: NumberRef) -> None:
        self.asked.append(number)
        if self.fails is not None:
            raise ProviderCallFailed(SendFailure(code=self.fails, detail="the provider's own words"), certain=True)

    async def number_health(self, number: NumberRef) -> NumberHealth:
        self._answer(number)
        return NumberHealth(
            provider_number_id=number.provider_number_id,
            display_phone_number="+62 811-1000-100",
            verified_name="Toko Sinar",
            quality_rating="GREEN",
            status=self.status,
            name_status="APPROVED",
            messaging_limit="TIER_2K",
            throughput_level="STANDARD",
            can_send="AVAILABLE",
        )

    async def list_templates(self, number: NumberRef, *, page_size: int = 100) -> AsyncIterator[StoredTemplate]:
        self._answer(number)
        for template in list(self.templates):
            yield template

    async def create_template(
        self, number: NumberRef, definition: TemplateDefinition, *, send_ttl_seconds: int | None = None
    ) -> TemplateCreated:
        self._answer(number)
        return TemplateCreated(provider_template_id="900", status="PENDING", category=definition.category)

    async def delete_template(self, number: NumberRef, name: str, *, provider_template_id: str | None = None) -> None:
        self._answer(number)
        self.deleted.append((name, provider_template_id))


def make_client(runtime: Runtime, actor: Actor, provider: FakeProvider, *routers: APIRouter) -> httpx.AsyncClient:
    """Build a client that acts as ``actor`` against the given routers."""
    app = FastAPI()

    async def authenticate(_runtime: Runtime, _request: Request, _workspace: object) -> Actor:
        return actor

    def pick(name: str, base_url: str | None) -> FakeProvider:
        if name != "meta_cloud":
            raise UnknownProvider(provider=name)
        return provider

    app.state.runtime, app.state.authenticate, app.state.pick_provider = runtime, authenticate, pick
    install_problem_handlers(app)
    for router in routers:
        app.include_router(router, prefix="/api/v1/workspaces/{workspace}")
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://blazz.test/api/v1/workspaces/current",
    )
