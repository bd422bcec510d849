"""Writes outbound messages exactly as Meta's send endpoint wants them."""

from typing import TypeAlias, assert_never

import msgspec

from blazz.domains.channels.content import (
    ContactCard,
    ContactCards,
    Content,
    Interactive,
    Location,
    Media,
    Reaction,
    TemplateMessage,
    Text,
)
from blazz.domains.channels.ports import OutboundMessage

from .payload_interactive import interactive_object
from .payload_templates import template_object

Json: TypeAlias = dict[str, object]

_encoder = msgspec.json.Encoder()
LONGEST_OPAQUE_ID = 512


class UnsendableMessage(ValueError):
    """The message lacks what every request needs; the text names it."""


def encode_message(message: OutboundMessage) -> bytes:
    """Write the request body of one send; raises UnsendableMessage without recipient or with too long an id."""
    if len(message.opaque_id) > LONGEST_OPAQUE_ID:
        raise UnsendableMessage(f"opaque_id longer than {LONGEST_OPAQUE_ID} characters")
    payload: Json = {
        "messaging_product": "whatsapp",
        "recipient_type": "group" if message.is_group else "individual",
    }
    if message.to:
        payload["to"] = message.to
    elif message.recipient_bsuid:
        payload["recipient"] = message.recipient_bsuid
    else:
        raise UnsendableMessage("neither a phone number nor a user id to send to")
    if message.reply_to_provider_id:
        payload["context"] = {"message_id": message.reply_to_provider_id}
    payload["biz_opaque_callback_data"] = message.opaque_id
    if message.identity_key_hash:
        payload["recipient_identity_key_hash"] = message.identity_key_hash
    _add_content(payload, message.content)
    return _encoder.encode(payload)


def encode_read_receipt(provider_message_id: str, *, typing: bool) -> bytes:
    """Write the body that marks a message as read."""
    payload: Json = {"messaging_product": "whatsapp", "status": "read", "message_id": provider_message_id}
    if typing:
        payload["typing_indicator"] = {"type": "text"}
    return _encoder.encode(payload)


def uses_marketing_door(content: Content) -> bool:
    """Tell whether the message goes to the marketing endpoint."""
    return isinstance(content, TemplateMessage) and content.marketing is not None


def _add_content(payload: Json, content: Content) -> None:
    match content:
        case Text():
            payload["type"] = "text"
            payload["text"] = {"body": content.body, "preview_url": content.preview_url}
        case Media():
            payload["type"] = content.kind.value
            payload[content.kind.value] = _media(content)
        case Location():
            payload["type"] = "location"
            payload["location"] = _present(
                latitude=content.latitude, longitude=content.longitude, name=content.name, address=content.address
            )
        case ContactCards():
            payload["type"] = "contacts"
            payload["contacts"] = [_card(card) for card in content.cards]
        case Reaction():
            payload["type"] = "reaction"
            payload["reaction"] = {"message_id": content.message_id, "emoji": content.emoji}
        case Interactive():
            payload["type"] = "interactive"
            payload["interactive"] = interactive_object(content)
        case TemplateMessage():
            payload["type"] = "template"
            payload["template"] = template_object(content)
            if content.marketing is not None:
                payload |= _present(
                    message_activity_sharing=content.marketing.message_activity_sharing,
                    product_policy=content.marketing.product_policy,
                )
        case _:
            assert_never(content)


def _media(content: Media) -> Json:
    found = _present(id=content.id, link=content.link, caption=content.caption, filename=content.filename)
    if content.voice:
        found["voice"] = True
    return found


def _card(card: ContactCard) -> Json:
    name = card.name
    found: Json = {
        "name": _present(
            formatted_name=name.formatted_name,
            first_name=name.first_name,
            last_name=name.last_name,
            middle_name=name.middle_name,
            prefix=name.prefix,
            suffix=name.suffix,
        )
    }
    if card.phones:
        found["phones"] = [_present(phone=item.phone, type=item.type, wa_id=item.wa_id) for item in card.phones]
    if card.emails:
        found["emails"] = [_present(email=item.email, type=item.type) for item in card.emails]
    if card.urls:
        found["urls"] = [_present(url=item.url, type=item.type) for item in card.urls]
    if card.addresses:
        found["addresses"] = [
            _present(
                street=item.street,
                city=item.city,
                state=item.state,
                zip=item.zip,
                country=item.country,
                country_code=item.country_code,
                type=item.type,
            )
            for item in card.addresses
        ]
    if card.org is not None:
        found["org"] = _present(company=card.org.company, department=card.org.department, title=card.org.title)
    if card.birthday is not None:
        found["birthday"] = card.birthday
    return found


def _present(**fields: object) -> Json:
    return {name: value for name, value in fields.items() if value is not None}
