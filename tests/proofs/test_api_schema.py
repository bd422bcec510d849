"""Requests made from the OpenAPI document: none ends in a server error, and every answer is what the document says."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.proofs.routes import PATH_KINDS, Ids
from tests.proofs.test_isolation import ROUTES, documented_app
from tests.proofs.world import World, fingerprint, open_world
from tests.support_processes import simulator

EXAMPLES = 8
Case = schemathesis.Case[Any]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SCHEMA = schemathesis.openapi.from_dict(documented_app().openapi())
OPERATIONS = {
    found.definition.raw["operationId"]: found
    for found in (item.ok() for item in SCHEMA.get_all_operations() if isinstance(item, Ok))
}
# Where a body or a query names an object, an id that exists leads further in than a random text.
FIELDS = {
    "account_id": "account", "category": "category", "category_id": "category", "categories": "category",
    "contact_id": "contact", "contact_ids": "contact", "contacts": "contact", "group": "group", "group_id": "group",
    "group_ids": "group", "groups": "group", "move_to": "other_category", "number_id": "number",
    "received_campaigns": "campaign", "template_id": "template",
}  # fmt: skip
# These end sessions or rights that the other cases stand on.
LAST = {"remove_member", "change_role", "revoke_key", "logout"}


@pytest.fixture(scope="module")
async def world(server_url: str, template_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Two furnished workspaces, and a provider that answers: routes that ask it are made to ask it."""
    assert template_url
    folder = tmp_path_factory.mktemp("schema")
    async with (
        simulator(folder / "simulator") as provider_url,
        open_world(server_url, folder / "home", "blazz_test_schema", provider_url=provider_url) as opened,
    ):
        yield opened


def with_real_ids(value: Any, ids: Ids, field: str) -> Any:  # noqa: ANN401 - any JSON
    """Put ids that exist where a value names objects."""
    if isinstance(value, dict):
        return {key: with_real_ids(item, ids, key) for key, item in value.items()}
    if isinstance(value, list):
        return [with_real_ids(item, ids, field) for item in value]
    if isinstance(value, str) and field in FIELDS:
        return getattr(ids, FIELDS[field])
    return value


def cases_of(name: str, mode: GenerationMode, **fixed: Any) -> list[Case]:  # noqa: ANN401 - as Schemathesis
    """Make requests for an operation, the same ones in every run."""
    made: list[Case] = []

    @seed(20261121)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[name].as_strategy(generation_mode=mode, **fixed))
    def collect(case: Case) -> None:
        made.append(case)

    collect()
    return made


def path_to(name: str, world: World) -> dict[str, str]:
    """Give the path parameters that lead to objects that exist."""
    route = next(route for route in ROUTES if route.name == name)
    known = {"workspace": world.mine.slug}
    return {
        one: known[one] if one in known else getattr(world.mine.ids, PATH_KINDS[one][-1]) for one in route.parameters
    }


def as_file(value: object) -> tuple[str | None, bytes]:
    """Make a part of a form from what Schemathesis gives: a value, or a file name with a value."""
    name, content = value[:2] if isinstance(value, tuple) else (None, value)
    return name, content if isinstance(content, bytes) else str(content).encode("utf-8", "replace")


async def send(world: World, case: Case) -> httpx.Response:
    """Send a made request as the owner, with a key."""
    options = case.as_transport_kwargs(base_url="http://blazz.test")
    headers = {**options.pop("headers", {}), "Authorization": f"Bearer {world.mine.key}"}
    headers = {key: value for key, value in headers.items() if re.fullmatch(r"[\x20-\x7e]*", str(value))}
    known = {key: options[key] for key in ("params", "json", "cookies") if options.get(key) is not None}
    if options.get("files"):
        known["files"] = [(name, as_file(value)) for name, value in options["files"]]
    if options.get("data") is not None:
        known["data" if isinstance(options["data"], dict) else "content"] = options["data"]
    request = world.client.build_request(options["method"], options["url"], headers=headers, **known)
    await request.aread()
    return await world.client.send(request)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
@pytest.mark.parametrize("name", sorted(OPERATIONS, key=lambda name: (name in LAST, name)))
async def test_no_request_ends_in_a_server_error_and_answers_fit_the_document(
    world: World, name: str, mode: GenerationMode
) -> None:
    before = await fingerprint(world, world.foreign)
    # Fitting requests also name objects that nobody has; unfitting ones are refused for more than their path.
    cases = cases_of(name, mode) if mode is GenerationMode.POSITIVE else []
    cases += cases_of(name, mode, path_parameters=path_to(name, world))
    for index, case in enumerate(cases):
        if index % 2 and isinstance(case.body, dict):
            case.body = {key: with_real_ids(value, world.mine.ids, key) for key, value in case.body.items()}
        response = await send(world, case)
        case.validate_response(response, checks=CHECKS)
    assert await fingerprint(world, world.foreign) == before
