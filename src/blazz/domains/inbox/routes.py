"""HTTP for conversations and single messages."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from blazz.domains.channels import find_default_number
from blazz.domains.channels.content import Text
from blazz.domains.inbox import service
from blazz.domains.inbox.types import Conversation, MessageStatus, Origin, StoredMessage
from blazz.kernel.errors import FieldProblem, InvalidInput, Message
from blazz.kernel.http import Page, WorkspaceScope, decode_cursor, page_of, parse_id
from blazz.kernel.http.pages import cursor_uuid
from blazz.kernel.ids import encode_id

router = APIRouter(tags=["inbox"])
_Limit = Annotated[int, Query(ge=1, le=200)]


class ConversationOut(BaseModel):
    """The thread of one person on one number."""

    id: str
    contact_id: str
    contact_name: str
    contact_phone: str | None
    number_id: str
    status: str
    unread_count: int
    window_closes_at: datetime | None
    last_message_at: datetime
    preview: str


class MessageOut(BaseModel):
    """One message."""

    id: str
    contact_id: str
    number_id: str
    conversation_id: str | None
    campaign_id: str | None
    direction: str
    origin: str
    status: str
    kind: str
    body: str
    error_code: str | None
    provider_message_id: str | None
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None


class MessageIn(BaseModel):
    """A text to send to a contact whose service window is open."""

    model_config = ConfigDict(extra="forbid")
    contact_id: Annotated[str, Field(max_length=64)]
    number_id: Annotated[str, Field(max_length=64)] | None = None
    text: Annotated[str, Field(min_length=1, max_length=4096)]
    reply_to: Annotated[str, Field(max_length=200)] | None = None
    client_reference: Annotated[str, Field(max_length=200)] | None = None


class QueuedOut(BaseModel):
    """The message that was queued."""

    id: str
    status: str = "queued"


@router.get("/conversations", operation_id="list_conversations", summary="Conversations, newest first")
async def list_conversations(
    scope: WorkspaceScope, limit: _Limit = 50, cursor: str | None = None
) -> Page[ConversationOut]:
    """List conversations."""
    after = decode_cursor(cursor, 2)
    before = None if after is None else (_instant(after[0]), cursor_uuid(after[1]))
    rows = await service.list_conversations(scope.tx, scope.actor, before, limit)
    return page_of(rows, limit, key=lambda row: (row.last_message_at.isoformat(), str(row.id)), shape=_conversation)


@router.get(
    "/conversations/{conversation}/messages", operation_id="list_messages", summary="Messages of a conversation"
)
async def list_messages(
    scope: WorkspaceScope, conversation: str, limit: _Limit = 50, cursor: str | None = None
) -> Page[MessageOut]:
    """List a person's messages, newest first."""
    after = decode_cursor(cursor, 1)
    before = cursor_uuid(after[0]) if after else None
    rows = await service.list_messages(scope.tx, scope.actor, parse_id("cnv", conversation), before, limit)
    return page_of(rows, limit, key=lambda row: (str(row.id),), shape=_message)


@router.get("/messages/{message}", operation_id="get_message", summary="One message")
async def get_message(scope: WorkspaceScope, message: str) -> MessageOut:
    """Read a message with its status."""
    return _message(await service.get_message(scope.tx, scope.actor, parse_id("msg", message)))


@router.post("/messages", operation_id="send_message", status_code=202, summary="Send a text")
async def send_message(scope: WorkspaceScope, body: MessageIn) -> QueuedOut:
    """Queue a text ahead of all campaigns."""
    number_id = parse_id("num", body.number_id) if body.number_id else await find_default_number(scope.tx)
    if number_id is None:
        missing = Message(en="This workspace has no number yet.", id="Ruang kerja ini belum punya nomor.")
        raise InvalidInput((FieldProblem(pointer="/number_id", code="number_missing", message=missing),))
    draft = service.Draft(
        contact_id=parse_id("con", body.contact_id),
        number_id=number_id,
        content=Text(body=body.text),
        body=body.text,
        reply_to=body.reply_to,
        client_reference=body.client_reference,
    )
    message_id = await service.send_message(scope.tx, scope.actor, draft, scope.runtime.clock.now())
    return QueuedOut(id=encode_id("msg", message_id))


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        wrong = Message(en="The cursor is not one we gave.", id="Kursor ini bukan kursor yang kami berikan.")
        raise InvalidInput((FieldProblem(pointer="/cursor", code="invalid_cursor", message=wrong),)) from None


def _conversation(row: Conversation) -> ConversationOut:
    return ConversationOut(
        id=encode_id("cnv", row.id),
        contact_id=encode_id("con", row.contact_id),
        contact_name=row.contact_name,
        contact_phone=row.contact_phone,
        number_id=encode_id("num", row.number_id),
        status=row.status,
        unread_count=row.unread_count,
        window_closes_at=row.window_closes_at,
        last_message_at=row.last_message_at,
        preview=row.preview,
    )


def _message(row: StoredMessage) -> MessageOut:
    return MessageOut(
        id=encode_id("msg", row.id),
        contact_id=encode_id("con", row.contact_id),
        number_id=encode_id("num", row.number_id),
        conversation_id=_optional("cnv", row.conversation_id),
        campaign_id=_optional("cmp", row.campaign_id),
        direction="inbound" if row.direction == 0 else "outbound",
        origin=Origin(row.origin).name.lower(),
        status=MessageStatus(row.status).name.lower(),
        kind=row.kind,
        body=row.body,
        error_code=row.error_code,
        provider_message_id=row.provider_message_id,
        created_at=row.created_at,
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        read_at=row.read_at,
        failed_at=row.failed_at,
    )


def _optional(prefix: str, value: UUID | None) -> str | None:
    return encode_id(prefix, value) if value is not None else None
