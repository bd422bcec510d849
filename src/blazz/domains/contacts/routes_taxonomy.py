"""The HTTP API of categories and groups."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from blazz.domains.contacts import taxonomy
from blazz.domains.contacts.errors import ContactNotFound
from blazz.domains.contacts.schemas import MembersIn, MembersOut, NamedIn, NamedOut, NamedPatch, named_out
from blazz.kernel.actor import Permission
from blazz.kernel.errors import NotFound
from blazz.kernel.http import Page, WorkspaceRoute, WorkspaceScope, decode_cursor, page_of, parse_id
from blazz.kernel.http.pages import cursor_uuid

router = APIRouter(route_class=WorkspaceRoute)
categories = APIRouter(route_class=WorkspaceRoute, prefix="/categories", tags=["categories"])
groups = APIRouter(route_class=WorkspaceRoute, prefix="/groups", tags=["groups"])
Limit = Annotated[int, Query(ge=1, le=200)]
_FIRST = UUID(int=0)


def _start(cursor: str | None) -> UUID:
    start = decode_cursor(cursor, 1)
    return cursor_uuid(start[0]) if start else _FIRST


def _contacts(texts: list[str]) -> list[UUID]:
    try:
        return [parse_id("con", text) for text in texts]
    except NotFound:
        raise ContactNotFound from None


@categories.get("", operation_id="list_categories")
async def list_categories(scope: WorkspaceScope, limit: Limit = 50, cursor: str | None = None) -> Page[NamedOut]:
    """List categories in the order they were made."""
    rows = await taxonomy.list_categories(scope.tx, scope.actor, after=_start(cursor), limit=limit + 1)
    return page_of(rows, limit, key=lambda item: (str(item.id),), shape=lambda item: named_out("cat", item))


@categories.post("", status_code=201, operation_id="create_category")
async def create_category(scope: WorkspaceScope, body: NamedIn) -> NamedOut:
    """Make a category."""
    made = await taxonomy.create_category(scope.tx, scope.actor, body.name, body.description)
    return named_out("cat", made)


@categories.get("/statistics", operation_id="category_statistics")
async def category_statistics(scope: WorkspaceScope) -> list[NamedOut]:
    """List categories with their counts, largest first."""
    return [named_out("cat", item) for item in await taxonomy.category_statistics(scope.tx, scope.actor)]


@categories.get("/{category}", operation_id="get_category")
async def get_category(scope: WorkspaceScope, category: str) -> NamedOut:
    """Read a category."""
    return named_out("cat", await taxonomy.get_category(scope.tx, scope.actor, parse_id("cat", category)))


@categories.patch("/{category}", operation_id="update_category")
async def update_category(scope: WorkspaceScope, category: str, body: NamedPatch) -> NamedOut:
    """Rename or describe a category."""
    scope.actor.require(Permission.CONTACTS_WRITE)
    before = await taxonomy.get_category(scope.tx, scope.actor, parse_id("cat", category))
    description = body.description if "description" in body.model_fields_set else before.description
    after = await taxonomy.update_category(scope.tx, scope.actor, before.id, body.name or before.name, description)
    return named_out("cat", after)


@categories.delete("/{category}", operation_id="delete_category")
async def delete_category(
    scope: WorkspaceScope,
    category: str,
    move_to: str | None = None,
    uncategorise: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> MembersOut:
    """Delete a category; `move_to` or `uncategorise` says where its contacts go."""
    target = parse_id("cat", move_to) if move_to is not None else None
    moved = await taxonomy.delete_category(
        scope.tx, scope.actor, parse_id("cat", category), move_to=target, uncategorise=uncategorise
    )
    return MembersOut(changed=moved)


@groups.get("", operation_id="list_groups")
async def list_groups(scope: WorkspaceScope, limit: Limit = 50, cursor: str | None = None) -> Page[NamedOut]:
    """List groups in the order they were made."""
    rows = await taxonomy.list_groups(scope.tx, scope.actor, after=_start(cursor), limit=limit + 1)
    return page_of(rows, limit, key=lambda item: (str(item.id),), shape=lambda item: named_out("grp", item))


@groups.post("", status_code=201, operation_id="create_group")
async def create_group(scope: WorkspaceScope, body: NamedIn) -> NamedOut:
    """Make a group."""
    return named_out("grp", await taxonomy.create_group(scope.tx, scope.actor, body.name, body.description))


@groups.get("/{group}", operation_id="get_group")
async def get_group(scope: WorkspaceScope, group: str) -> NamedOut:
    """Read a group."""
    return named_out("grp", await taxonomy.get_group(scope.tx, scope.actor, parse_id("grp", group)))


@groups.patch("/{group}", operation_id="update_group")
async def update_group(scope: WorkspaceScope, group: str, body: NamedPatch) -> NamedOut:
    """Rename or describe a group."""
    scope.actor.require(Permission.CONTACTS_WRITE)
    before = await taxonomy.get_group(scope.tx, scope.actor, parse_id("grp", group))
    description = body.description if "description" in body.model_fields_set else before.description
    after = await taxonomy.update_group(scope.tx, scope.actor, before.id, body.name or before.name, description)
    return named_out("grp", after)


@groups.delete("/{group}", status_code=204, operation_id="delete_group")
async def delete_group(scope: WorkspaceScope, group: str) -> Response:
    """Delete a group; its contacts stay."""
    await taxonomy.delete_group(scope.tx, scope.actor, parse_id("grp", group))
    return Response(status_code=204)


@groups.post("/{group}/members", operation_id="add_group_members")
async def add_members(scope: WorkspaceScope, group: str, body: MembersIn) -> MembersOut:
    """Put contacts into a group."""
    ids = _contacts(body.contact_ids)
    return MembersOut(changed=await taxonomy.add_to_group(scope.tx, scope.actor, parse_id("grp", group), ids))


@groups.post("/{group}/members/remove", operation_id="remove_group_members")
async def remove_members(scope: WorkspaceScope, group: str, body: MembersIn) -> MembersOut:
    """Take contacts out of a group."""
    ids = _contacts(body.contact_ids)
    return MembersOut(changed=await taxonomy.remove_from_group(scope.tx, scope.actor, parse_id("grp", group), ids))


router.include_router(categories)
router.include_router(groups)
