"""Checks interactive messages against the published limits."""

import unicodedata
from collections.abc import Iterable, Iterator

from .interactive import (
    CallPermissionRequest,
    Carousel,
    CatalogMessage,
    ContactInfoRequest,
    CtaUrl,
    FlowLaunch,
    HeaderMedia,
    HeaderText,
    Interactive,
    ListMenu,
    LocationRequest,
    OrderDetails,
    OrderStatus,
    Product,
    ProductList,
    ReplyButtons,
    VoiceCall,
)
from .messages import MediaKind
from .problems import ContentProblem, check_length, check_source, problem

_HEADER_KINDS = frozenset({MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.DOCUMENT})
_CARD_KINDS = frozenset({MediaKind.IMAGE, MediaKind.VIDEO})
_BODY_OPTIONAL = (Product, CallPermissionRequest)
_NO_HEADER = (Product, LocationRequest, ContactInfoRequest, CallPermissionRequest, Carousel, CatalogMessage, VoiceCall)
_TEXT_HEADER = (ListMenu, ProductList)


def check_interactive(content: Interactive) -> Iterator[ContentProblem]:
    """Check the frame, then the action."""
    if content.body is None:
        if not isinstance(content.action, _BODY_OPTIONAL):
            yield problem("/body", "body_required")
    else:
        yield from check_length("/body", content.body, 1024)
    if content.footer is not None:
        yield from check_length("/footer", content.footer, 60)
        if isinstance(content.action, Carousel | LocationRequest):
            yield problem("/footer", "footer_not_allowed")
    yield from _check_header(content)
    yield from _check_action(content)


def _check_header(content: Interactive) -> Iterator[ContentProblem]:
    header = content.header
    if header is None:
        if isinstance(content.action, ProductList):
            yield problem("/header", "header_text_required")
        return
    if isinstance(content.action, _NO_HEADER):
        yield problem("/header", "header_not_allowed")
    elif isinstance(content.action, _TEXT_HEADER) and not isinstance(header, HeaderText):
        yield problem("/header", "header_text_only")
    if isinstance(header, HeaderText):
        yield from check_length("/header/text", header.text, 60)
    else:
        yield from check_source("/header", header.id, header.link)
        if header.kind not in _HEADER_KINDS:
            yield problem("/header/kind", "header_media_kind")


def _check_action(content: Interactive) -> Iterator[ContentProblem]:
    action = content.action
    match action:
        case ReplyButtons():
            yield from _check_buttons("/action", action)
        case ListMenu():
            yield from _check_list(action)
        case CtaUrl():
            yield from _check_link("/action", action)
        case FlowLaunch():
            yield from _check_flow(action)
        case VoiceCall():
            yield from check_length("/action/display_text", action.display_text, 20)
            if action.ttl_minutes is not None and not 1 <= action.ttl_minutes <= 43200:
                yield problem("/action/ttl_minutes", "number_out_of_range", least=1, most=43200)
        case Product():
            yield from check_length("/action/catalog_id", action.catalog_id, 256)
            yield from check_length("/action/product_retailer_id", action.product_retailer_id, 256)
        case ProductList():
            yield from _check_products(action)
        case Carousel():
            yield from _check_carousel(action)
        case OrderDetails():
            if not action.parameters:
                yield problem("/action/parameters", "empty")
        case OrderStatus():
            yield from check_length("/action/reference_id", action.reference_id, 256)
            yield from check_length("/action/status", action.status, 256)
        case LocationRequest() | ContactInfoRequest() | CallPermissionRequest() | CatalogMessage():
            return


def _check_buttons(pointer: str, action: ReplyButtons) -> Iterator[ContentProblem]:
    if not 1 <= len(action.buttons) <= 3:
        yield problem(f"{pointer}/buttons", "count_out_of_range", least=1, most=3)
    for index, button in enumerate(action.buttons):
        yield from check_length(f"{pointer}/buttons/{index}/id", button.id, 256)
        yield from check_length(f"{pointer}/buttons/{index}/title", button.title, 20)
    yield from _check_unique(f"{pointer}/buttons", "id", (button.id for button in action.buttons))
    yield from _check_unique(f"{pointer}/buttons", "title", (button.title for button in action.buttons))


def _check_unique(pointer: str, name: str, values: Iterable[str]) -> Iterator[ContentProblem]:
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield problem(f"{pointer}/{index}/{name}", "not_unique")
        seen.add(value)


def _check_list(action: ListMenu) -> Iterator[ContentProblem]:
    yield from check_length("/action/button", action.button, 20)
    if not 1 <= len(action.sections) <= 10:
        yield problem("/action/sections", "count_out_of_range", least=1, most=10)
    if not 1 <= sum(len(section.rows) for section in action.sections) <= 10:
        yield problem("/action/sections", "count_out_of_range", least=1, most=10)
    seen: set[str] = set()
    for index, section in enumerate(action.sections):
        pointer = f"/action/sections/{index}"
        if section.title is not None:
            yield from check_length(f"{pointer}/title", section.title, 24)
        elif len(action.sections) > 1:
            yield problem(f"{pointer}/title", "section_title_required")
        if not section.rows:
            yield problem(f"{pointer}/rows", "empty")
        for number, row in enumerate(section.rows):
            yield from check_length(f"{pointer}/rows/{number}/id", row.id, 200)
            yield from check_length(f"{pointer}/rows/{number}/title", row.title, 24)
            if row.description is not None:
                yield from check_length(f"{pointer}/rows/{number}/description", row.description, 72, at_least=0)
            if row.id in seen:
                yield problem(f"{pointer}/rows/{number}/id", "not_unique")
            seen.add(row.id)


def _check_link(pointer: str, action: CtaUrl) -> Iterator[ContentProblem]:
    yield from check_length(f"{pointer}/display_text", action.display_text, 20)
    yield from check_length(f"{pointer}/url", action.url, 2000)
    if not action.url.startswith(("https://", "http://")):
        yield problem(f"{pointer}/url", "link_not_web")


def _check_flow(action: FlowLaunch) -> Iterator[ContentProblem]:
    if bool(action.flow_id) == bool(action.flow_name):
        yield problem("/action/flow_id", "flow_reference")
    yield from check_length("/action/flow_cta", action.flow_cta, 20)
    if any(unicodedata.category(character) == "So" for character in action.flow_cta):
        yield problem("/action/flow_cta", "emoji_not_allowed")
    if not action.flow_token:
        yield problem("/action/flow_token", "empty")


def _check_products(action: ProductList) -> Iterator[ContentProblem]:
    if not action.catalog_id:
        yield problem("/action/catalog_id", "empty")
    if not 1 <= len(action.sections) <= 10:
        yield problem("/action/sections", "count_out_of_range", least=1, most=10)
    if not 1 <= sum(len(section.product_retailer_ids) for section in action.sections) <= 30:
        yield problem("/action/sections", "count_out_of_range", least=1, most=30)
    for index, section in enumerate(action.sections):
        yield from check_length(f"/action/sections/{index}/title", section.title, 24)


def _check_carousel(action: Carousel) -> Iterator[ContentProblem]:
    if not 2 <= len(action.cards) <= 10:
        yield problem("/action/cards", "count_out_of_range", least=2, most=10)
    forms = {
        (type(card.action), len(card.action.buttons) if isinstance(card.action, ReplyButtons) else 1)
        for card in action.cards
    }
    if len(forms) > 1:
        yield problem("/action/cards", "cards_differ")
    for index, card in enumerate(action.cards):
        pointer = f"/action/cards/{index}"
        yield from _check_card_header(f"{pointer}/header", card.header)
        if card.body is not None:
            yield from check_length(f"{pointer}/body", card.body, 160)
        if isinstance(card.action, ReplyButtons):
            yield from _check_buttons(f"{pointer}/action", card.action)
        else:
            yield from _check_link(f"{pointer}/action", card.action)


def _check_card_header(pointer: str, header: HeaderMedia) -> Iterator[ContentProblem]:
    if header.kind not in _CARD_KINDS:
        yield problem(f"{pointer}/kind", "card_header_kind")
    if not header.link:
        yield problem(f"{pointer}/link", "card_header_link")
    elif not header.link.startswith("https://"):
        yield problem(f"{pointer}/link", "link_not_https")
