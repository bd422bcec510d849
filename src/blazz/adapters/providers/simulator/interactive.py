"""Checks interactive messages kind by kind, and finds what a person can press in them."""

from collections.abc import Callable, Mapping
from typing import Final

from blazz.adapters.providers.simulator.errors import bad, missing, wrong
from blazz.adapters.providers.simulator.values import Json, items, length, optional, pointed, table, text

# The kind of answer (``button``, ``button_reply`` or ``list_reply``), its id and its title.
Button = tuple[str, str, str]
_HEADER_MEDIA = ("image", "video", "document")
_WITHOUT_BODY = {"product"}
_NAMES: Final = {
    "cta_url": "cta_url",
    "flow": "flow",
    "location_request_message": "send_location",
    "request_contact_info": "request_contact_info",
    "voice_call": "voice_call",
    "call_permission_request": "call_permission_request",
    "catalog_message": "catalog_message",
    "order_details": "review_and_pay",
    "order_status": "review_order",
}


def check_interactive(content: Json) -> None:
    """Check an interactive object.

    Raises:
        GraphError: 131008 something is missing, 131009 a value is wrong or too long, 100 something is not allowed.

    """
    kind = text(content, "type", "interactive.type")
    if kind not in _ACTIONS:
        raise wrong(f"interactive.type {kind[:40]!r} is not supported")
    if kind not in _WITHOUT_BODY or content.get("body") is not None:
        length(pointed(content, "body", "interactive.body"), "text", 1024, "interactive.body.text")
    if content.get("footer") is not None:
        length(pointed(content, "footer", "interactive.footer"), "text", 60, "interactive.footer.text")
    if content.get("header") is not None:
        _header(kind, pointed(content, "header", "interactive.header"))
    elif kind == "product_list":
        raise missing("interactive.header of type text is required for a product_list")
    action = pointed(content, "action", "interactive.action")
    wanted = _NAMES.get(kind)
    if wanted is not None and action.get("name") != wanted:
        raise wrong(f"interactive.action.name must be {wanted}")
    _ACTIONS[kind](action)


def _header(kind: str, header: Json) -> None:
    if kind == "product":
        raise bad("interactive.header is not allowed for a product")
    shown = text(header, "type", "interactive.header.type")
    if shown != "text" and kind in {"list", "product_list"}:
        raise bad(f"interactive.header of a {kind} must be text")
    if shown == "text":
        length(header, "text", 60, "interactive.header.text")
    elif shown in _HEADER_MEDIA:
        file = pointed(header, shown, f"interactive.header.{shown}")
        if bool(file.get("id")) == bool(file.get("link")):
            raise missing(f"interactive.header.{shown} needs an id or a link")
        if file.get("caption") is not None:
            raise bad(f"interactive.header.{shown}.caption is not allowed")
    else:
        raise wrong("interactive.header.type must be text, image, video or document")


def _buttons(action: Json) -> None:
    ids, titles = set(), set()
    found = items(action, "buttons", "interactive.action.buttons", most=3)
    for index, button in enumerate(found):
        name = f"interactive.action.buttons[{index}]"
        if button.get("type") != "reply":
            raise wrong(f"{name}.type must be reply")
        reply = pointed(button, "reply", f"{name}.reply")
        ids.add(length(reply, "id", 256, f"{name}.reply.id"))
        titles.add(length(reply, "title", 20, f"{name}.reply.title"))
    if len(ids) < len(found) or len(titles) < len(found):
        raise wrong("interactive.action.buttons must have ids and titles of their own")


def _list(action: Json) -> None:
    length(action, "button", 20, "interactive.action.button")
    sections = items(action, "sections", "interactive.action.sections", most=10)
    ids: list[str] = []
    for number, section in enumerate(sections):
        name = f"interactive.action.sections[{number}]"
        if len(sections) > 1:
            text(section, "title", f"{name}.title")
        optional(section, "title", 24, f"{name}.title")
        for index, row in enumerate(items(section, "rows", f"{name}.rows", most=10)):
            ids.append(length(row, "id", 200, f"{name}.rows[{index}].id"))
            length(row, "title", 24, f"{name}.rows[{index}].title")
            optional(row, "description", 72, f"{name}.rows[{index}].description")
    if len(ids) > 10:
        raise wrong(f"interactive.action.sections take 10 rows over all, got {len(ids)}")
    if len(set(ids)) < len(ids):
        raise wrong("interactive.action.sections must have rows with ids of their own")


def _parameters(action: Json) -> Json:
    return pointed(action, "parameters", "interactive.action.parameters")


def _link(action: Json) -> None:
    parameters = _parameters(action)
    length(parameters, "display_text", 20, "interactive.action.parameters.display_text")
    if not text(parameters, "url", "interactive.action.parameters.url").startswith(("http://", "https://")):
        raise wrong("interactive.action.parameters.url must be an http or https address")


def _flow(action: Json) -> None:
    parameters = _parameters(action)
    name = "interactive.action.parameters"
    text(parameters, "flow_message_version", f"{name}.flow_message_version")
    length(parameters, "flow_cta", 20, f"{name}.flow_cta")
    if bool(parameters.get("flow_id")) == bool(parameters.get("flow_name")):
        raise missing(f"{name} needs flow_id or flow_name")
    if parameters.get("mode", "published") not in {"published", "draft"}:
        raise wrong(f"{name}.mode must be published or draft")
    if parameters.get("flow_action", "navigate") not in {"navigate", "data_exchange"}:
        raise wrong(f"{name}.flow_action must be navigate or data_exchange")


def _call(action: Json) -> None:
    parameters = table(action.get("parameters") or {}, "interactive.action.parameters")
    optional(parameters, "display_text", 20, "interactive.action.parameters.display_text")
    minutes = parameters.get("ttl_minutes", 10_080)
    if not isinstance(minutes, int) or not 1 <= minutes <= 43_200:
        raise wrong("interactive.action.parameters.ttl_minutes takes 1 to 43200")


def _product(action: Json) -> None:
    text(action, "catalog_id", "interactive.action.catalog_id")
    text(action, "product_retailer_id", "interactive.action.product_retailer_id")


def _products(action: Json) -> None:
    text(action, "catalog_id", "interactive.action.catalog_id")
    total = 0
    for number, section in enumerate(items(action, "sections", "interactive.action.sections", most=10)):
        name = f"interactive.action.sections[{number}]"
        for index, item in enumerate(items(section, "product_items", f"{name}.product_items", most=30)):
            text(item, "product_retailer_id", f"{name}.product_items[{index}].product_retailer_id")
            total += 1
    if total > 30:
        raise wrong(f"interactive.action.sections take 30 products over all, got {total}")


def _carousel(action: Json) -> None:
    kinds = set()
    for index, card in enumerate(items(action, "cards", "interactive.action.cards", least=2, most=10)):
        name = f"interactive.action.cards[{index}]"
        kinds.add(card.get("type"))
        if card.get("card_index") != index:
            raise wrong(f"{name}.card_index must be {index}")
        shown = pointed(card, "header", f"{name}.header").get("type")
        if shown not in {"image", "video"}:
            raise wrong(f"{name}.header.type must be image or video")
        if card.get("body") is not None:
            length(pointed(card, "body", f"{name}.body"), "text", 160, f"{name}.body.text")
        pointed(card, "action", f"{name}.action")
    if len(kinds) > 1:
        raise wrong("interactive.action.cards must all be of one type")


def _order_details(action: Json) -> None:
    text(_parameters(action), "reference_id", "interactive.action.parameters.reference_id")


def _order_status(action: Json) -> None:
    parameters = _parameters(action)
    text(parameters, "reference_id", "interactive.action.parameters.reference_id")
    order = pointed(parameters, "order", "interactive.action.parameters.order")
    text(order, "status", "interactive.action.parameters.order.status")


def _nothing(_action: Json) -> None:
    """Nothing beyond the name is wanted."""


_ACTIONS: Final[Mapping[str, Callable[[Json], None]]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _link,
    "flow": _flow,
    "location_request_message": _nothing,
    "request_contact_info": _nothing,
    "voice_call": _call,
    "call_permission_request": _nothing,
    "product": _product,
    "product_list": _products,
    "catalog_message": _nothing,
    "carousel": _carousel,
    "order_details": _order_details,
    "order_status": _order_status,
}


def tappable(content: Json) -> tuple[Button, ...]:
    """Find what a person can press in a checked interactive message."""
    action = table(content.get("action"), "interactive.action")
    if content.get("type") == "button":
        replies = (pointed(button, "reply", "reply") for button in items(action, "buttons", "buttons", most=3))
        return tuple(("button_reply", str(reply["id"]), str(reply["title"])) for reply in replies)
    if content.get("type") != "list":
        return ()
    return tuple(
        ("list_reply", str(row["id"]), str(row["title"]))
        for section in items(action, "sections", "sections", most=10)
        for row in items(section, "rows", "rows", most=10)
    )
