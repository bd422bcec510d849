"""Reads what a person's message holds; a shape that does not fit becomes InboundUnsupported, never an error."""

from collections.abc import Callable, Mapping
from typing import Final

from blazz.domains.channels.inbound import (
    InboundCallPermission,
    InboundChoice,
    InboundContacts,
    InboundContent,
    InboundEdit,
    InboundFlowReply,
    InboundLocation,
    InboundMedia,
    InboundOrder,
    InboundReaction,
    InboundRevoke,
    InboundSystem,
    InboundText,
    InboundUnsupported,
    InboundWelcome,
    OrderItem,
)

from .mapping import decode_object, failure_of, read_error
from .webhook_values import Raw, bsuid, number, obj, objects, text

Reader = Callable[[Raw], InboundContent | None]
_DEEPEST_EDIT: Final = 4


def read_content(message: Raw, *, depth: int = 0) -> InboundContent:
    """Read a message's content by its ``type``."""
    kind = text(message.get("type")) or "unknown"
    if kind == "edit":
        found = _edit(message, depth)
    else:
        reader = _READERS.get(kind)
        found = reader(message) if reader is not None else None
    if found is not None:
        return found
    named = text(obj(message.get("unsupported")).get("type")) if kind == "unsupported" else None
    errors = tuple(failure_of(read_error(error)) for error in objects(message.get("errors")))
    return InboundUnsupported(type=named or kind, errors=errors)


def _text(message: Raw) -> InboundContent | None:
    body = obj(message.get("text")).get("body")
    return InboundText(body=body) if isinstance(body, str) else None


def _media(kind: str) -> Reader:
    def read(message: Raw) -> InboundContent | None:
        file = obj(message.get(kind))
        media_id = text(file.get("id"))
        if media_id is None:
            return None
        return InboundMedia(
            kind=kind,
            media_id=media_id,
            mime_type=text(file.get("mime_type")),
            sha256=text(file.get("sha256")),
            caption=text(file.get("caption")),
            filename=text(file.get("filename")),
            voice=file.get("voice") is True,
            animated=file.get("animated") is True,
        )

    return read


def _location(message: Raw) -> InboundContent | None:
    place = obj(message.get("location"))
    latitude, longitude = number(place.get("latitude")), number(place.get("longitude"))
    if latitude is None or longitude is None:
        return None
    return InboundLocation(
        latitude=latitude,
        longitude=longitude,
        name=text(place.get("name")),
        address=text(place.get("address")),
        url=text(place.get("url")),
    )


def _contacts(message: Raw) -> InboundContent | None:
    cards = tuple(card for card in objects(message.get("contacts")) if isinstance(card, Mapping))
    return InboundContacts(cards=cards) if cards else None


def _reaction(message: Raw) -> InboundContent | None:
    reaction = obj(message.get("reaction"))
    message_id = text(reaction.get("message_id"))
    if message_id is None:
        return None
    return InboundReaction(provider_message_id=message_id, emoji=text(reaction.get("emoji")))


def _button(message: Raw) -> InboundContent | None:
    button = obj(message.get("button"))
    title, payload = text(button.get("text")), text(button.get("payload"))
    if title is None and payload is None:
        return None
    return InboundChoice(kind="template_button", id=payload or title or "", title=title or payload or "")


def _interactive(message: Raw) -> InboundContent | None:
    interactive = obj(message.get("interactive"))
    kind = text(interactive.get("type"))
    if kind in {"button_reply", "list_reply"}:
        reply = obj(interactive.get(kind))
        reply_id, title = text(reply.get("id")), text(reply.get("title"))
        if reply_id is None and title is None:
            return None
        return InboundChoice(
            kind=kind,
            id=reply_id or title or "",
            title=title or reply_id or "",
            description=text(reply.get("description")),
        )
    if kind == "nfm_reply":
        reply = obj(interactive.get("nfm_reply"))
        written = reply.get("response_json")
        response_json = written if isinstance(written, str) else ""
        return InboundFlowReply(
            name=text(reply.get("name")),
            body=text(reply.get("body")),
            response_json=response_json,
            response=decode_object(response_json.encode("utf-8", "replace")),
        )
    if kind == "call_permission_reply":
        reply = obj(interactive.get("call_permission_reply"))
        return InboundCallPermission(accepted=reply.get("response") == "accept", details=reply)
    return None


def _order(message: Raw) -> InboundContent | None:
    order = obj(message.get("order"))
    items = tuple(
        OrderItem(
            product_retailer_id=text(item.get("product_retailer_id")) or "",
            quantity=int(number(item.get("quantity")) or 0),
            item_price=_price(item.get("item_price")),
            currency=text(item.get("currency")),
        )
        for item in map(obj, objects(order.get("product_items")))
        if item
    )
    if not order:
        return None
    return InboundOrder(catalog_id=text(order.get("catalog_id")), text=text(order.get("text")), items=items)


def _price(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _system(message: Raw) -> InboundContent | None:
    system = obj(message.get("system"))
    event = text(system.get("type"))
    if event is None:
        return None
    return InboundSystem(
        event=event,
        body=text(system.get("body")),
        new_wa_id=text(system.get("wa_id")) or text(system.get("new_wa_id")),
        new_bsuid=bsuid(system.get("user_id")),
    )


def _edit(message: Raw, depth: int) -> InboundContent | None:
    edit = obj(message.get("edit"))
    original, inner = text(edit.get("original_message_id")), obj(edit.get("message"))
    if original is None or not inner or depth >= _DEEPEST_EDIT:
        return None
    return InboundEdit(original_message_id=original, content=read_content(inner, depth=depth + 1))


def _revoke(message: Raw) -> InboundContent | None:
    original = text(obj(message.get("revoke")).get("original_message_id"))
    return InboundRevoke(original_message_id=original) if original is not None else None


def _welcome(_message: Raw) -> InboundContent:
    return InboundWelcome()


_READERS: Final[Mapping[str, Reader]] = {
    "text": _text,
    "image": _media("image"),
    "video": _media("video"),
    "audio": _media("audio"),
    "document": _media("document"),
    "sticker": _media("sticker"),
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "system": _system,
    "revoke": _revoke,
    "request_welcome": _welcome,
}
