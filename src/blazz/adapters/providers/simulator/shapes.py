"""Webhook shapes: statuses and what people send."""

import time

from blazz.adapters.providers.simulator.errors import TITLES

Json = dict[str, object]


def status(
    to: str,
    wamid: str,
    opaque: str | None,
    name: str,
    *,
    code: int | None = None,
    category: str = "utility",
    bsuid: str | None = None,
    at: float | None = None,
) -> Json:
    """One status update in the provider's shape; a recipient known only by a business-scoped id has no phone.

    ``at`` is when it happened, in Unix seconds; now when left out.
    """
    item: Json = {"id": wamid, "status": name, "timestamp": str(int(time.time() if at is None else at))}
    if "." not in to:
        item["recipient_id"] = to
    if bsuid is not None:
        item["recipient_user_id"] = bsuid
    if opaque is not None:
        item["biz_opaque_callback_data"] = opaque
    if code is not None:
        item["errors"] = [error_item(code)]
    elif name in {"sent", "delivered"}:
        billable = category != "service"
        kind = "regular" if billable else "free_customer_service"
        item["pricing"] = {"billable": billable, "pricing_model": "PMP", "category": category, "type": kind}
    return item


def error_item(code: int, details: str = "") -> Json:
    """One error as webhooks carry it."""
    title = TITLES.get(code, "Message failed")
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details or title},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    }


def text_message(sender: str, wamid: str, body: str) -> Json:
    """One inbound text in the provider's shape."""
    return inbound(sender, wamid, "text", {"body": body})


def inbound(sender: str, wamid: str, kind: str, content: object, *, replied_to: str = "", own_phone: str = "") -> Json:
    """One inbound message of any type; somebody known only by a business-scoped id has no ``from``."""
    message: Json = {"id": wamid, "timestamp": str(int(time.time())), "type": kind}
    if "." in sender:
        message["from_user_id"] = sender
    else:
        message["from"] = sender
    if replied_to:
        message["context"] = {"from": own_phone, "id": replied_to}
    if content is not None:
        message[kind] = content
    return message


def tap_message(sender: str, wamid: str, button: tuple[str, str, str], *, replied_to: str, own_phone: str) -> Json:
    """One press of a button; ``button`` is its kind (``button``, ``button_reply``, ``list_reply``), id and title."""
    kind, payload, title = button
    if kind == "button":
        content: Json = {"payload": payload, "text": title}
        return inbound(sender, wamid, "button", content, replied_to=replied_to, own_phone=own_phone)
    content = {"type": kind, kind: {"id": payload, "title": title}}
    return inbound(sender, wamid, "interactive", content, replied_to=replied_to, own_phone=own_phone)


def contact(person: str, name: str, *, bsuid: str | None, username: str = "", identity: str = "") -> Json:
    """One entry of ``contacts`` beside inbound messages."""
    profile: Json = {"name": name}
    if username:
        profile["username"] = username
    found: Json = {"profile": profile}
    if "." not in person:
        found["wa_id"] = person
    if bsuid is not None:
        found["user_id"] = bsuid
    if identity:
        found["identity_key_hash"] = identity
    return found
