"""HTTP for conversations and messages."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query

from blazz.domains.inbox import composer, service
from blazz.domains.inbox.composing import TEXT_FIELD, TemplateWish
from blazz.domains.inbox.errors import IdempotencyKeyRequired
from blazz.domains.inbox.media.routes import file_routes
from blazz.domains.inbox.media.routes import router as media_router
from blazz.domains.inbox.schemas import (
    ConversationOut,
    MessageIn,
    MessageOut,
    QueuedOut,
    ReadIn,
    conversation_out,
    message_out,
)
from blazz.domains.inbox.types import MessageFilter, MessageStatus, Origin
from blazz.kernel.actor import Permission
from blazz.kernel.errors import FieldProblem, InvalidInput, Message
from blazz.kernel.http import Page, WorkspaceRoute, WorkspaceScope, decode_cursor, page_of, parse_id
from blazz.kernel.http.pages import cursor_uuid
from blazz.kernel.ids import encode_id

__all__ = ["file_routes", "router"]

router = APIRouter(route_class=WorkspaceRoute, tags=["inbox"])
router.include_router(media_router)
_Limit = Annotated[int, Query(ge=1, le=200)]
_Status = Literal[
    "received", "queued", "in_doubt", "accepted", "sent", "delivered", "read", "played", "failed", "cancelled"
]
_Origin = Literal["customer", "agent", "campaign", "api", "automation", "phone_app"]


@router.get("/conversations", tags=["inbox"], operation_id="list_conversations", summary="Conversations, newest first")
async def list_conversations(
    scope: WorkspaceScope, limit: _Limit = 50, cursor: str | None = None
) -> Page[ConversationOut]:
    """List conversations."""
    after = decode_cursor(cursor, 2)
    before = None if after is None else (_instant(after[0]), cursor_uuid(after[1]))
    rows = await service.list_conversations(scope.tx, scope.actor, before, limit)
    return page_of(rows, limit, key=lambda row: (row.last_message_at.isoformat(), str(row.id)), shape=conversation_out)


@router.get(
    "/conversations/{conversation}/messages",
    tags=["inbox"],
    operation_id="list_conversation_messages",
    summary="Messages of a conversation",
)
async def list_thread(
    scope: WorkspaceScope, conversation: str, limit: _Limit = 50, cursor: str | None = None
) -> Page[MessageOut]:
    """List a person's messages, newest first."""
    scope.actor.require(Permission.CONVERSATIONS_READ)
    after = decode_cursor(cursor, 1)
    before = cursor_uuid(after[0]) if after else None
    rows = await service.list_thread(scope.tx, scope.actor, parse_id("cnv", conversation), before, limit)
    return page_of(rows, limit, key=lambda row: (str(row.id),), shape=message_out)


@router.get("/messages", tags=["inbox"], operation_id="list_messages", summary="Messages, newest first")
async def list_messages(
    scope: WorkspaceScope,
    contact_id: str | None = None,
    number_id: str | None = None,
    direction: Literal["inbound", "outbound"] | None = None,
    status: Annotated[list[_Status] | None, Query(max_length=10)] = None,
    origin: _Origin | None = None,
    since: Annotated[datetime | None, Query(description="made at this instant or later")] = None,
    limit: _Limit = 50,
    cursor: str | None = None,
) -> Page[MessageOut]:
    """List messages that pass every filter given."""
    scope.actor.require(Permission.CONVERSATIONS_READ)
    which = MessageFilter(
        contact_id=parse_id("con", contact_id) if contact_id else None,
        number_id=parse_id("num", number_id) if number_id else None,
        direction=None if direction is None else int(direction == "outbound"),
        statuses=None if status is None else tuple(MessageStatus[name.upper()] for name in status),
        origin=None if origin is None else Origin[origin.upper()],
        since=since,
    )
    after = decode_cursor(cursor, 1)
    before = cursor_uuid(after[0]) if after else None
    rows = await service.list_messages(scope.tx, scope.actor, which, before, limit)
    return page_of(rows, limit, key=lambda row: (str(row.id),), shape=message_out)


@router.get("/messages/{message}", tags=["inbox"], operation_id="get_message", summary="One message")
async def get_message(scope: WorkspaceScope, message: str) -> MessageOut:
    """Read a message with its history and, when it failed, the reason."""
    scope.actor.require(Permission.CONVERSATIONS_READ)
    return message_out(await service.get_message(scope.tx, scope.actor, parse_id("msg", message)))


@router.post("/messages", tags=["inbox"], operation_id="send_message", status_code=202, summary="Send a message")
async def send_message(
    scope: WorkspaceScope,
    body: MessageIn,
    idempotency_key: Annotated[
        str | None, Header(max_length=255, description="required of API keys; the same request has one effect")
    ] = None,
) -> QueuedOut:
    """Queue a message ahead of all campaigns."""
    scope.actor.require(Permission.MESSAGES_SEND)
    if idempotency_key is None and scope.actor.kind == "key":
        raise IdempotencyKeyRequired
    pointer, content = _content(body)
    draft = composer.Draft(
        contact_id=parse_id("con", body.contact_id) if body.contact_id else None,
        to=body.to,
        number_id=parse_id("num", body.number_id) if body.number_id else None,
        content=content,
        pointer=pointer,
        reply_to=body.reply_to,
        client_reference=body.client_reference,
        idempotency_key=idempotency_key,
    )
    message_id = await composer.send_message(scope.tx, scope.actor, draft, scope.runtime.clock.now())
    return QueuedOut(id=encode_id("msg", message_id))


@router.post(
    "/messages/{message}/read",
    tags=["inbox"],
    operation_id="mark_message_read",
    status_code=202,
    summary="Mark as read",
)
async def mark_read(scope: WorkspaceScope, message: str, body: ReadIn | None = None) -> MessageOut:
    """Mark a customer's message and all older ones as read; the provider is told in the background."""
    scope.actor.require(Permission.MESSAGES_SEND)
    typing = body is not None and body.typing
    now = scope.runtime.clock.now()
    return message_out(await service.mark_read(scope.tx, scope.actor, parse_id("msg", message), now, typing=typing))


def _content(body: MessageIn) -> tuple[str, TemplateWish | object]:
    """Take the one of text, content and template that was given, and the field it stands in."""
    if body.template is not None:
        wish = TemplateWish(
            template_id=parse_id("tpl", body.template.id) if body.template.id else None,
            name=body.template.name,
            language=body.template.language,
            values=body.template.values,
        )
        return "/template", wish
    if body.text is not None:
        return TEXT_FIELD, {"type": "text", "body": body.text, "preview_url": body.preview_url}
    return "/content", body.content


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        wrong = Message(en="The cursor is not one we gave.", id="Kursor ini bukan kursor yang kami berikan.")
        raise InvalidInput((FieldProblem(pointer="/cursor", code="invalid_cursor", message=wrong),)) from None
