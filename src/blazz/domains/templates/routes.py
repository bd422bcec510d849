"""HTTP for templates; mounted under the workspace, needs ``app.state.pick_provider``."""

from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request

from blazz.domains.channels import PickProvider
from blazz.domains.channels.content import JsonObject, TemplateDefinition
from blazz.domains.templates import remote, service
from blazz.domains.templates.errors import PreviewRefused
from blazz.domains.templates.mapping import resolve_values, validate_mapping
from blazz.domains.templates.schemas import (
    PreviewIn,
    PreviewOut,
    SyncIn,
    SyncOut,
    TemplateIn,
    TemplateOut,
    preview_out,
    sync_out,
    template_out,
)
from blazz.domains.templates.types import TemplateFilter, VariableSource
from blazz.kernel.http import Page, WorkspaceRoute, WorkspaceScope, decode_cursor, page_of, parse_id
from blazz.kernel.http.access import WorkspaceAccess
from blazz.kernel.http.pages import cursor_uuid

router = APIRouter(route_class=WorkspaceRoute, prefix="/templates", tags=["templates"])
_Limit = Annotated[int, Query(ge=1, le=200)]
_Word = Annotated[str | None, Query(max_length=512, pattern=r"^[^\x00]*$")]


@router.get("", operation_id="list_templates")
async def list_templates(
    scope: WorkspaceScope,
    account_id: str | None = None,
    status: _Word = None,
    category: _Word = None,
    language: _Word = None,
    name: _Word = None,
    limit: _Limit = 50,
    cursor: str | None = None,
) -> Page[TemplateOut]:
    """List templates in the order of their names; ``name`` matches anywhere in the name."""
    wanted = TemplateFilter(
        account_id=_account(account_id),
        status=None if status is None else status.upper(),
        category=None if category is None else category.upper(),
        language=language,
        name=None if name is None else name.lower(),
    )
    given = decode_cursor(cursor, 3)
    after = None if given is None else (given[0], given[1], cursor_uuid(given[2]))
    rows = await service.list_templates(scope.tx, scope.actor, wanted, after=after, limit=limit + 1)
    return page_of(rows, limit, key=lambda row: (row.name, row.language, str(row.id)), shape=template_out)


@router.post("", operation_id="create_template", status_code=201)
async def create_template(access: WorkspaceAccess, request: Request, body: TemplateIn) -> TemplateOut:
    """Check a template and submit it for review."""
    definition = TemplateDefinition(
        name=body.name,
        language=body.language,
        category=body.category,
        components=tuple(cast("JsonObject", component) for component in body.components),
        parameter_format=body.parameter_format,
    )
    template = await remote.create_template(
        access.runtime,
        access.actor,
        _pick(request),
        definition,
        account_id=_account(body.account_id),
        send_ttl_seconds=body.message_send_ttl_seconds,
    )
    return template_out(template)


@router.post("/sync", operation_id="sync_templates")
async def sync_templates(access: WorkspaceAccess, request: Request, body: SyncIn | None = None) -> SyncOut:
    """Read the provider's templates now."""
    account_id = None if body is None else _account(body.account_id)
    return sync_out(await remote.sync_templates(access.runtime, access.actor, _pick(request), account_id))


@router.get("/{template_id}", operation_id="get_template")
async def get_template(scope: WorkspaceScope, template_id: str) -> TemplateOut:
    """Read one template with the variables it needs."""
    return template_out(await service.get_template(scope.tx, scope.actor, parse_id("tpl", template_id)))


@router.delete("/{template_id}", operation_id="delete_template", status_code=204)
async def delete_template(access: WorkspaceAccess, request: Request, template_id: str) -> None:
    """Delete one language of a template, at the provider too."""
    await remote.delete_template(access.runtime, access.actor, _pick(request), parse_id("tpl", template_id))


@router.post("/{template_id}/preview", operation_id="preview_template")
async def preview_template(scope: WorkspaceScope, template_id: str, body: PreviewIn) -> PreviewOut:
    """Fill a template for reading, from a mapping and a contact's fields or from plain values."""
    template = await service.get_template(scope.tx, scope.actor, parse_id("tpl", template_id))
    definition = template.definition
    mapping = {
        key: VariableSource(field=source.field, text=source.text, fallback=source.fallback)
        for key, source in body.variables.items()
    }
    problems = tuple(item for item in validate_mapping(definition, mapping) if item.code != "variable_missing")
    if problems:
        raise PreviewRefused(problems)
    resolved = resolve_values(definition, mapping, body.contact)
    rendered, missing = service.preview_template(definition, {**resolved.values, **body.values})
    return preview_out(rendered, missing)


def _account(text: str | None) -> UUID | None:
    return None if text is None else parse_id("acc", text)


def _pick(request: Request) -> PickProvider:
    pick: PickProvider = request.app.state.pick_provider
    return pick
