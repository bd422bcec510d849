"""How received content is stored and shown: its kind, the words in it, and its full form as JSON."""

import re
from uuid import UUID

import msgspec

from blazz.domains.channels.inbound import InboundContent, InboundMessage
from blazz.domains.inbox.media.references import public_id

_WORDS = re.compile(r"(?<!^)(?=[A-Z])")


def kind_of(content: InboundContent) -> str:
    """Return the kind of a received message: ``text``, ``image``, ``choice``, ``location`` and so on."""
    kind = getattr(content, "kind", None)
    if type(content).__name__ == "InboundMedia" and isinstance(kind, str):
        return kind
    return _WORDS.sub("_", type(content).__name__.removeprefix("Inbound")).lower()


def text_of(content: InboundContent) -> str:
    """Return the words a person wrote or chose; empty for content without words."""
    for name in ("body", "caption", "title", "emoji", "text"):
        value = getattr(content, name, None)
        if isinstance(value, str):
            # PostgreSQL stores no NUL characters.
            return value.replace("\x00", "")
    return ""


def content_json(content: InboundContent, media_id: UUID | None = None) -> str:
    """Return the whole content as JSON text for storage, with the file it brought."""
    return _stored(msgspec.to_builtins(content), media_id)


def message_json(message: InboundMessage, media_id: UUID | None = None) -> str:
    """Return what to store of a message: its content, its file, where it was forwarded from, and the ad that led here."""
    found: dict[str, object] = msgspec.to_builtins(message.content)
    if message.context is not None and message.context.forwarded:
        found["forwarded"] = "often" if message.context.frequently_forwarded else "once"
    if message.context is not None and message.context.product_retailer_id is not None:
        found["about_product"] = {
            "catalog_id": message.context.catalog_id,
            "product_retailer_id": message.context.product_retailer_id,
        }
    if message.referral is not None:
        found["referral"] = message.referral.raw
    return _stored(found, media_id)


def _stored(found: dict[str, object], media_id: UUID | None) -> str:
    if media_id is not None:
        found |= {"file": public_id(media_id), "file_state": "waiting"}
    # PostgreSQL stores no NUL characters.
    return msgspec.json.encode(found).decode().replace("\\u0000", "")
