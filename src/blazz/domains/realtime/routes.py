"""HTTP for events: resume without gaps from where a client stopped."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query
from pydantic import BaseModel

from blazz.domains.realtime import service
from blazz.kernel.errors import FieldProblem, InvalidInput, Message
from blazz.kernel.http import WorkspaceRoute, WorkspaceScope, decode_cursor
from blazz.kernel.http.pages import MAX_LIMIT, encode_cursor
from blazz.kernel.ids import encode_id

router = APIRouter(route_class=WorkspaceRoute, prefix="/events", tags=["events"])
_NOW = "now"
_MOST_TYPES = 50


class EventOut(BaseModel):
    """Something that happened."""

    id: str
    type: str
    version: int
    data: dict[str, Any]
    created_at: datetime


class EventPage(BaseModel):
    """Events in the order in which they were committed; ``next_cursor`` is always there: pass it as ``after``."""

    data: list[EventOut]
    has_more: bool
    next_cursor: str


@router.get("", operation_id="list_events", summary="What happened since a point, without gaps")
async def list_events(
    scope: WorkspaceScope,
    after: Annotated[
        str | None, Query(description="`next_cursor` of an earlier answer; `now` skips everything; empty: oldest kept")
    ] = None,
    types: Annotated[
        str | None,
        Query(max_length=2000, description="comma-separated types or families: `contact.created,campaign.*`"),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> EventPage:
    """List events after a cursor, oldest first. While ``has_more``, ask again at once; otherwise poll or wait."""
    if after == _NOW:
        head = await service.event_head(scope.tx, scope.actor)
        return EventPage(data=[], has_more=False, next_cursor=encode_cursor(head))
    found = await service.list_events(
        scope.tx, scope.actor, _position(after), limit, types=_names(types) if types else ()
    )
    return EventPage(
        data=[
            EventOut(
                id=encode_id("evt", item.id),
                type=item.type,
                version=item.version,
                data=msgspec.json.decode(item.payload),
                created_at=item.created_at,
            )
            for item in found.events
        ],
        has_more=found.has_more,
        next_cursor=encode_cursor(found.position),
    )


def _position(cursor: str | None) -> int | None:
    values = decode_cursor(cursor, 1)
    if values is None:
        return None
    # A number of our own always fits; anything else is a cursor of another list.
    if not values[0].isascii() or not values[0].isdigit() or len(values[0]) > 18:
        raise InvalidInput((_CURSOR,))
    return int(values[0])


def _names(types: str) -> list[str]:
    names = [name.strip() for name in types.split(",")]
    known = all(name and name.partition(".")[0] in service.FAMILIES and "." in name for name in names)
    if not known or len(names) > _MOST_TYPES:
        raise InvalidInput((_TYPES,))
    return names


_CURSOR = FieldProblem(
    pointer="/after",
    code="invalid_cursor",
    message=Message(en="The cursor is not one we gave.", id="Kursor ini bukan kursor yang kami berikan."),
)
_TYPES = FieldProblem(
    pointer="/types",
    code="unknown_event_type",
    message=Message(
        en="Name types such as contact.created, or families such as campaign.*, at most 50, separated by commas.",
        id="Sebutkan jenis seperti contact.created, atau kelompok seperti campaign.*, paling banyak 50, dipisah koma.",
    ),
)
