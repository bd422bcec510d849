"""Writes interactive messages: the frame and one action per kind."""

from typing import TypeAlias, assert_never

from blazz.domains.channels.content import (
    Action,
    CallPermissionRequest,
    Carousel,
    CarouselCard,
    CatalogMessage,
    ContactInfoRequest,
    CtaUrl,
    FlowLaunch,
    HeaderMedia,
    HeaderText,
    Interactive,
    ListMenu,
    ListSection,
    LocationRequest,
    OrderDetails,
    OrderStatus,
    Product,
    ProductList,
    ProductSection,
    ReplyButtons,
    VoiceCall,
)

Json: TypeAlias = dict[str, object]


def interactive_object(content: Interactive) -> Json:
    """Write the ``interactive`` object."""
    found: Json = {"type": content.action.type}
    if content.header is not None:
        found["header"] = _header(content.header)
    if content.body is not None:
        found["body"] = {"text": content.body}
    if content.footer is not None:
        found["footer"] = {"text": content.footer}
    found["action"] = _action(content.action)
    return found


def media_object(*, media_id: str | None, link: str | None, filename: str | None = None) -> Json:
    """Write a file reference: the id when there is one, otherwise the link."""
    found: Json = {"id": media_id} if media_id else {"link": link}
    if filename:
        found["filename"] = filename
    return found


def product_sections(sections: tuple[ProductSection, ...]) -> list[Json]:
    """Write titled groups of products."""
    return [
        {
            "title": section.title,
            "product_items": [{"product_retailer_id": item} for item in section.product_retailer_ids],
        }
        for section in sections
    ]


def _header(header: HeaderText | HeaderMedia) -> Json:
    if isinstance(header, HeaderText):
        return {"type": "text", "text": header.text}
    kind = header.kind.value
    return {"type": kind, kind: media_object(media_id=header.id, link=header.link, filename=header.filename)}


def _action(action: Action) -> Json:
    match action:
        case ReplyButtons():
            return _reply_buttons(action)
        case ListMenu():
            return {"button": action.button, "sections": [_list_section(section) for section in action.sections]}
        case CtaUrl():
            return _link(action)
        case Product():
            return {"catalog_id": action.catalog_id, "product_retailer_id": action.product_retailer_id}
        case ProductList():
            return {"catalog_id": action.catalog_id, "sections": product_sections(action.sections)}
        case Carousel():
            return {"cards": [_card(card, index) for index, card in enumerate(action.cards)]}
        case _:
            return _named_action(action)


def _named_action(
    action: FlowLaunch
    | LocationRequest
    | ContactInfoRequest
    | VoiceCall
    | CallPermissionRequest
    | CatalogMessage
    | OrderDetails
    | OrderStatus,
) -> Json:
    parameters: Json = {}
    match action:
        case FlowLaunch():
            name, parameters = "flow", _flow(action)
        case LocationRequest():
            name = "send_location"
        case ContactInfoRequest():
            name = "request_contact_info"
        case VoiceCall():
            name, parameters = "voice_call", {"display_text": action.display_text}
            if action.ttl_minutes is not None:
                parameters["ttl_minutes"] = action.ttl_minutes
        case CallPermissionRequest():
            name = "call_permission_request"
        case CatalogMessage():
            name = "catalog_message"
            if action.thumbnail_product_retailer_id:
                parameters = {"thumbnail_product_retailer_id": action.thumbnail_product_retailer_id}
        case OrderDetails():
            name, parameters = "review_and_pay", dict(action.parameters)
        case OrderStatus():
            order: Json = {"status": action.status}
            if action.description is not None:
                order["description"] = action.description
            name, parameters = "review_order", {"reference_id": action.reference_id, "order": order}
        case _:
            assert_never(action)
    return {"name": name, "parameters": parameters} if parameters else {"name": name}


def _reply_buttons(action: ReplyButtons) -> Json:
    return {"buttons": [{"type": "reply", "reply": {"id": item.id, "title": item.title}} for item in action.buttons]}


def _link(action: CtaUrl) -> Json:
    return {"name": "cta_url", "parameters": {"display_text": action.display_text, "url": action.url}}


def _list_section(section: ListSection) -> Json:
    found: Json = {} if section.title is None else {"title": section.title}
    rows: list[Json] = []
    for row in section.rows:
        written: Json = {"id": row.id, "title": row.title}
        if row.description:
            written["description"] = row.description
        rows.append(written)
    return found | {"rows": rows}


def _flow(action: FlowLaunch) -> Json:
    found: Json = {
        "flow_message_version": action.flow_message_version,
        "flow_token": action.flow_token,
        "flow_cta": action.flow_cta,
        "mode": action.mode,
        "flow_action": action.flow_action,
    }
    if action.flow_id:
        found["flow_id"] = action.flow_id
    else:
        found["flow_name"] = action.flow_name
    start: Json = {}
    if action.screen is not None:
        start["screen"] = action.screen
    if action.data:
        start["data"] = dict(action.data)
    if start:
        found["flow_action_payload"] = start
    return found


def _card(card: CarouselCard, index: int) -> Json:
    found: Json = {
        "card_index": index,
        "type": card.action.type,
        "header": _header(card.header),
    }
    if card.body is not None:
        found["body"] = {"text": card.body}
    if isinstance(card.action, CtaUrl):
        found["action"] = _link(card.action)
    else:
        found["action"] = _reply_buttons(card.action)
    return found
