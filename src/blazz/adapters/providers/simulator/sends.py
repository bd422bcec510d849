"""Reads and checks the body of a send."""

import re

import msgspec

from blazz.adapters.providers.simulator.errors import GraphError

Json = dict[str, object]
_TYPES = frozenset(
    {
        "text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction", "interactive",
        "template",
    }
)  # fmt: skip
_PHONE = re.compile(r"^[1-9]\d{6,14}$")
_MEDIA = frozenset({"image", "video", "audio", "document", "sticker"})
_LONGEST_TEXT, _LONGEST_OPAQUE, _MOST_CONTACTS = 4096, 512, 257


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """A send that passed the checks."""

    to: str
    type: str
    opaque: str | None
    template: Json | None


def read_send(body: Json, own_phone: str) -> Send:
    """Check a body.

    Raises:
        GraphError: with the code and details the real service uses for that mistake.

    """
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "Invalid parameter", "messaging_product must be whatsapp")
    to = str(body.get("to") or body.get("recipient") or "").lstrip("+")
    if not to:
        raise GraphError(131008, "Required parameter is missing", "to is required")
    if not _PHONE.match(to) and "." not in to:
        raise GraphError(131009, "Parameter value is not valid", "to must hold digits in international form")
    if to == re.sub(r"\D", "", own_phone):
        raise GraphError(131021, "Recipient cannot be sender", "sender and recipient are the same number")
    kind = str(body.get("type") or "text")
    if kind not in _TYPES:
        raise GraphError(131051, "Unsupported message type", f"type {kind[:40]!r} is not supported")
    content = body.get(kind)
    if content is None or (kind != "contacts" and not isinstance(content, dict)):
        raise GraphError(131008, "Required parameter is missing", f"{kind} is required")
    opaque = body.get("biz_opaque_callback_data")
    if opaque is not None and (not isinstance(opaque, str) or len(opaque) > _LONGEST_OPAQUE):
        raise GraphError(131009, "Parameter value is not valid", "biz_opaque_callback_data takes up to 512 characters")
    _check(kind, content)
    return Send(
        to=to, type=kind, opaque=opaque, template=content if kind == "template" and isinstance(content, dict) else None
    )


def _check(kind: str, content: object) -> None:
    if kind == "contacts":
        if not isinstance(content, list) or not 1 <= len(content) <= _MOST_CONTACTS:
            raise GraphError(131009, "Parameter value is not valid", "contacts takes 1 to 257 cards")
        return
    assert isinstance(content, dict)
    if kind == "text" and not 1 <= len(str(content.get("body") or "")) <= _LONGEST_TEXT:
        raise GraphError(131009, "Parameter value is not valid", "text.body takes 1 to 4096 characters")
    if kind in _MEDIA and not (content.get("id") or content.get("link")):
        raise GraphError(131008, "Required parameter is missing", f"{kind} needs an id or a link")
    if kind == "reaction" and not content.get("message_id"):
        raise GraphError(131008, "Required parameter is missing", "reaction.message_id is required")
    if kind == "location" and not {"latitude", "longitude"} <= content.keys():
        raise GraphError(131008, "Required parameter is missing", "latitude and longitude are required")
    if kind == "interactive" and not ({"type", "action"} <= content.keys()):
        raise GraphError(131008, "Required parameter is missing", "interactive needs type, body and action")
