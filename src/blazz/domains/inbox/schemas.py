"""HTTP shapes of messages and conversations."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

import msgspec
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from blazz.domains.inbox.failure_texts import failure_text, may_be_sent_again
from blazz.domains.inbox.types import Conversation, MessageStatus, Origin, StoredMessage
from blazz.kernel.ids import encode_id

_Id = Annotated[str, Field(max_length=64)]


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


class TemplateIn(BaseModel):
    """A template to fill, by ``id`` or by ``name`` and ``language``.

    ``values`` maps the template's variables (``body.1``, ``header.media``, ``button.0``) to texts or, for media,
    locations, products and the like, to objects with a ``type``.
    """

    model_config = ConfigDict(extra="forbid")

    id: _Id | None = None
    name: Annotated[str, Field(max_length=512)] = ""
    language: Annotated[str, Field(max_length=20)] = ""
    values: Annotated[dict[str, JsonValue], Field(max_length=200)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if (self.id is None) == (not (self.name and self.language)):
            raise ValueError("give the template's id, or its name and language")
        return self


class MessageIn(BaseModel):
    """A message to send, to a contact or to a phone number, with exactly one of text, content and template."""

    model_config = ConfigDict(extra="forbid")

    contact_id: _Id | None = None
    to: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        None, description="a phone number in any form; a number nobody knows becomes a contact"
    )
    number_id: _Id | None = Field(None, description="the number to send from; empty means the default one")
    text: Annotated[str, Field(max_length=20_000)] | None = None
    preview_url: bool = False
    content: dict[str, JsonValue] | None = Field(
        None, description="text, media, location, contacts, reaction, interactive or template, tagged with its type"
    )
    template: TemplateIn | None = None
    reply_to: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="the message to quote: `msg_…`, or WhatsApp's own id"
    )
    client_reference: Annotated[str, Field(max_length=200)] | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.contact_id is None) == (self.to is None):
            raise ValueError("give contact_id or to, exactly one")
        if sum(given is not None for given in (self.text, self.content, self.template)) != 1:
            raise ValueError("give text, content or template, exactly one")
        return self


class ReadIn(BaseModel):
    """What to tell the customer beside that the message was read."""

    model_config = ConfigDict(extra="forbid")

    typing: bool = Field(default=False, description="show for up to 25 seconds that an answer is being written")


class QueuedOut(BaseModel):
    """The message that was queued."""

    id: str
    status: str = "queued"


class StepOut(BaseModel):
    """One step of a message's way, with the instant it was first reached."""

    status: str
    at: datetime


class FailureOut(BaseModel):
    """Why a message was not delivered; ``provider_code`` is WhatsApp's own number."""

    code: str
    message: dict[Literal["en", "id"], str]
    provider_code: int | None
    may_be_sent_again: bool


class MessageOut(BaseModel):
    """One message; ``history`` lists the steps it went through."""

    id: str
    contact_id: str
    number_id: str
    conversation_id: str | None
    campaign_id: str | None
    direction: Literal["inbound", "outbound"]
    origin: str
    status: str
    kind: str
    body: str
    content: JsonValue
    author_id: str | None
    reply_to: str | None
    client_reference: str | None
    error_code: str | None
    failure: FailureOut | None
    provider_message_id: str | None
    history: list[StepOut]
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None


def conversation_out(row: Conversation) -> ConversationOut:
    """Shape a conversation."""
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


def message_out(row: StoredMessage) -> MessageOut:
    """Shape a message."""
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
        content=msgspec.json.decode(row.content),
        author_id=_optional("usr", row.author_id),
        reply_to=row.reply_to,
        client_reference=row.client_reference,
        error_code=row.error_code,
        failure=_failure(row),
        provider_message_id=row.provider_message_id,
        history=_history(row),
        created_at=row.created_at,
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        read_at=row.read_at,
        failed_at=row.failed_at,
    )


def _history(row: StoredMessage) -> list[StepOut]:
    """List the instants that are known, in the order of the way a message goes."""
    if row.direction == 0:
        steps = [("received", row.created_at), ("read", row.read_at)]
    else:
        last = "cancelled" if row.status == MessageStatus.CANCELLED else "failed"
        steps = [
            ("queued", row.created_at),
            ("sent", row.sent_at),
            ("delivered", row.delivered_at),
            ("read", row.read_at),
            (last, row.failed_at),
        ]
    return [StepOut(status=name, at=at) for name, at in steps if at is not None]


def _failure(row: StoredMessage) -> FailureOut | None:
    if row.error_code is None:
        return None
    text = failure_text(row.error_code)
    return FailureOut(
        code=row.error_code,
        message={"en": text.en, "id": text.id},
        provider_code=row.provider_error,
        may_be_sent_again=may_be_sent_again(row.error_code),
    )


def _optional(prefix: str, value: UUID | None) -> str | None:
    return encode_id(prefix, value) if value is not None else None
