"""HTTP for the audit log."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query
from pydantic import BaseModel

from blazz.domains.audit import service
from blazz.kernel.http import Page, WorkspaceRoute, WorkspaceScope, decode_cursor, page_of
from blazz.kernel.http.pages import cursor_uuid
from blazz.kernel.ids import encode_id

router = APIRouter(route_class=WorkspaceRoute, prefix="/audit-logs", tags=["audit"])


class AuditOut(BaseModel):
    """One action."""

    id: str
    action: str
    actor_kind: str
    actor_id: str | None
    target: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    created_at: datetime


@router.get("", operation_id="list_audit_logs", summary="Who did what")
async def list_audit_logs(
    scope: WorkspaceScope, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> Page[AuditOut]:
    """List actions, newest first."""
    after = decode_cursor(cursor, 1)
    rows = await service.list_entries(scope.tx, scope.actor, cursor_uuid(after[0]) if after else None, limit)
    return page_of(rows, limit, key=lambda row: (str(row.id),), shape=_shape)


def _shape(entry: service.AuditEntry) -> AuditOut:
    return AuditOut(
        id=encode_id("aud", entry.id),
        action=entry.action,
        actor_kind=entry.actor_kind,
        actor_id=str(entry.actor_id) if entry.actor_id else None,
        target=entry.target,
        before=msgspec.json.decode(entry.before) if entry.before else None,
        after=msgspec.json.decode(entry.after) if entry.after else None,
        created_at=entry.created_at,
    )
