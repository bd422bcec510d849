"""The HTTP API of contacts."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from blazz.domains.contacts import bin as contact_bin
from blazz.domains.contacts import consent, service, unmerging
from blazz.domains.contacts.errors import CategoryNotFound
from blazz.domains.contacts.routes_imports import router as imports_router
from blazz.domains.contacts.routes_taxonomy import router as taxonomy_router
from blazz.domains.contacts.schemas import (
    BinnedOut,
    ConsentIn,
    ConsentOut,
    ContactDetail,
    ContactIn,
    ContactOut,
    ContactPatch,
    FieldOut,
    MergeOut,
    binned_out,
    consent_out,
    contact_detail,
    contact_out,
    merge_out,
)
from blazz.domains.contacts.search import LAST_ID
from blazz.domains.contacts.types import Contact, ContactFields, ContactFilter
from blazz.kernel.actor import Permission
from blazz.kernel.errors import NotFound
from blazz.kernel.http import Page, Scope, WorkspaceRoute, WorkspaceScope, decode_cursor, page_of, parse_id
from blazz.kernel.http.pages import cursor_instant, cursor_uuid

router = APIRouter(route_class=WorkspaceRoute)
contacts = APIRouter(route_class=WorkspaceRoute, prefix="/contacts", tags=["contacts"])
Limit = Annotated[int, Query(ge=1, le=200)]
_PHONE = "phone:"


def _category(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return parse_id("cat", text)
    except NotFound:
        raise CategoryNotFound from None


def _may_change(scope: Scope, permission: Permission = Permission.CONTACTS_WRITE) -> None:
    """Refuse before any row is looked for; the answer, or the number in the path, shows contacts, so reading is needed."""
    scope.actor.require(permission)
    scope.actor.require(Permission.CONTACTS_READ)


async def _contact_id(scope: Scope, text: str) -> UUID:
    """Read an id, or a number as ``phone:+62…``."""
    if text.startswith(_PHONE):
        return (await service.find_contact(scope.tx, scope.actor, text.removeprefix(_PHONE))).id
    return parse_id("con", text)


async def _detail(scope: Scope, contact: Contact) -> ContactDetail:
    return contact_detail(contact, await service.get_identities(scope.tx, scope.actor, contact.id))


@contacts.get("", operation_id="list_contacts")
async def list_contacts(
    scope: WorkspaceScope,
    limit: Limit = 50,
    cursor: str | None = None,
    q: Annotated[str | None, Query(max_length=64, description="fragment of name, e-mail or number")] = None,
    category_id: Annotated[str | None, Query(description="`cat_…`, or `none` for contacts without one")] = None,
    group_id: str | None = None,
    opted_out: bool | None = None,  # noqa: FBT001 - a query parameter
) -> Page[ContactOut]:
    """List contacts, newest first."""
    which = ContactFilter(
        category_id=None if category_id == "none" else _category(category_id),
        uncategorised=category_id == "none",
        group_id=parse_id("grp", group_id) if group_id is not None else None,
        opted_out=opted_out,
    )
    start = decode_cursor(cursor, 1)
    rows = await service.list_contacts(
        scope.tx, scope.actor, which, search=q, before=cursor_uuid(start[0]) if start else LAST_ID, limit=limit + 1
    )
    return page_of(rows, limit, key=lambda contact: (str(contact.id),), shape=contact_out)


@contacts.post("", status_code=201, operation_id="create_contact")
async def create_contact(scope: WorkspaceScope, body: ContactIn) -> ContactDetail:
    """Make a contact."""
    _may_change(scope)
    wanted = ContactFields(**{**body.model_dump(), "category_id": _category(body.category_id)})
    return await _detail(scope, await service.create_contact(scope.tx, scope.actor, wanted))


@contacts.get("/fields", operation_id="list_contact_fields")
async def list_contact_fields(scope: WorkspaceScope) -> list[FieldOut]:
    """List the fields that templates may use."""
    fields = await service.list_contact_fields(scope.tx, scope.actor)
    return [FieldOut(path=f.path, label=f.label_id if scope.locale == "id" else f.label_en) for f in fields]


@contacts.get("/bin", operation_id="list_deleted_contacts")
async def list_bin(scope: WorkspaceScope, limit: Limit = 50, cursor: str | None = None) -> Page[BinnedOut]:
    """List the bin, latest deleted first; contacts leave it for good after 30 days."""
    start = decode_cursor(cursor, 2)
    before = (cursor_instant(start[0]), cursor_uuid(start[1])) if start else None
    rows = await contact_bin.list_bin(scope.tx, scope.actor, before=before, limit=limit + 1)
    return page_of(rows, limit, key=lambda one: (_instant(one.deleted_at), str(one.id)), shape=binned_out)


def _instant(at: datetime | None) -> str:
    assert at is not None
    return at.isoformat()


@contacts.get("/{contact}", operation_id="get_contact")
async def get_contact(scope: WorkspaceScope, contact: str) -> ContactDetail:
    """Read a contact by `con_…`, or by number as `phone:+62…`: the duplicate check."""
    found = await service.get_contact(scope.tx, scope.actor, await _contact_id(scope, contact))
    return await _detail(scope, found)


@contacts.patch("/{contact}", operation_id="update_contact")
async def update_contact(scope: WorkspaceScope, contact: str, body: ContactPatch) -> ContactDetail:
    """Change some fields of a contact."""
    _may_change(scope)
    contact_id = await _contact_id(scope, contact)
    before = await service.get_contact(scope.tx, scope.actor, contact_id)
    changes = body.model_dump(exclude_unset=True)
    if "category_id" in changes:
        changes["category_id"] = _category(body.category_id)
    changes = {key: value or "" if key == "name" else value for key, value in changes.items()}
    wanted = replace(
        ContactFields(
            name=before.name,
            phone=before.phone,
            email=before.email,
            city=before.city,
            company=before.company,
            external_id=before.external_id,
            notes=before.notes,
            attributes=before.attributes,
            category_id=before.category_id,
        ),
        **changes,
    )
    return await _detail(scope, await service.update_contact(scope.tx, scope.actor, contact_id, wanted))


@contacts.delete("/{contact}", status_code=204, operation_id="delete_contact")
async def delete_contact(scope: WorkspaceScope, contact: str) -> Response:
    """Move a contact to the bin."""
    _may_change(scope, Permission.CONTACTS_DELETE)
    await service.delete_contact(scope.tx, scope.actor, await _contact_id(scope, contact))
    return Response(status_code=204)


@contacts.post("/{contact}/restore", operation_id="restore_contact")
async def restore_contact(scope: WorkspaceScope, contact: str) -> ContactDetail:
    """Bring a contact back from the bin."""
    _may_change(scope)
    restored = await service.restore_contact(scope.tx, scope.actor, parse_id("con", contact))
    return await _detail(scope, restored)


@contacts.get("/{contact}/merges", operation_id="list_contact_merges")
async def list_merges(scope: WorkspaceScope, contact: str) -> list[MergeOut]:
    """List the contacts that were merged into this one, newest first."""
    scope.actor.require(Permission.CONTACTS_READ)
    found = await unmerging.list_merges(scope.tx, scope.actor, parse_id("con", contact))
    return [merge_out(item) for item in found]


@contacts.post("/{contact}/merges/{merge}/undo", operation_id="undo_contact_merge")
async def undo_merge(scope: WorkspaceScope, contact: str, merge: str) -> ContactDetail:
    """Make two contacts of one again; the answer is the one that had been absorbed."""
    _may_change(scope)
    back = await unmerging.unmerge_contacts(scope.tx, scope.actor, parse_id("con", contact), parse_id("mrg", merge))
    return await _detail(scope, back)


@contacts.post("/{contact}/consents", status_code=201, operation_id="record_consent")
async def record_consent(scope: WorkspaceScope, contact: str, body: ConsentIn) -> ContactDetail:
    """Record that a contact agreed to marketing messages or withdrew that."""
    _may_change(scope)
    contact_id = await _contact_id(scope, contact)
    command = consent.opt_in if body.state == "granted" else consent.opt_out
    await command(scope.tx, scope.actor, contact_id, source=body.source, detail=body.detail)
    return await _detail(scope, await service.get_contact(scope.tx, scope.actor, contact_id))


@contacts.get("/{contact}/consents", operation_id="list_consents")
async def list_consents(scope: WorkspaceScope, contact: str) -> list[ConsentOut]:
    """List what a contact agreed to, newest first."""
    found = await service.get_contact(scope.tx, scope.actor, await _contact_id(scope, contact))
    return [consent_out(item) for item in await consent.list_consents(scope.tx, scope.actor, found.id)]


router.include_router(imports_router)
router.include_router(taxonomy_router)
router.include_router(contacts)
