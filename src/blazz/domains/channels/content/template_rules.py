"""Checks template messages: names, counts, kinds of values and what a value may hold."""

import re
from collections.abc import Iterator

from .messages import MediaKind
from .problems import ContentProblem, check_length, check_source, problem
from .templates import (
    BodyComponent,
    ButtonComponent,
    ButtonKind,
    ButtonParameter,
    CarouselComponent,
    CatalogParameter,
    CouponParameter,
    CurrencyParameter,
    FlowParameter,
    HeaderComponent,
    LimitedTimeOfferComponent,
    MediaParameter,
    PayloadParameter,
    ProductsParameter,
    TemplateComponent,
    TemplateMessage,
    TextParameter,
)

NAME = re.compile(r"[a-z0-9_]{1,512}")
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,4})?")
COUPON = re.compile(r"[A-Za-z0-9._-]{1,15}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_FORBIDDEN_SPACE = re.compile(r"[\n\r\t]| {5,}")
_LINE_SPACE = re.compile(r"[\n\r\t\v\f\x85\u2028\u2029]+")
_LONG_SPACE = re.compile(r" {5,}")
_MEDIA = frozenset({MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.DOCUMENT, MediaKind.GIF})
_PARAMETER_OF: dict[ButtonKind, type[ButtonParameter]] = {
    ButtonKind.QUICK_REPLY: PayloadParameter,
    ButtonKind.URL: TextParameter,
    ButtonKind.COPY_CODE: CouponParameter,
    ButtonKind.FLOW: FlowParameter,
    ButtonKind.CATALOG: CatalogParameter,
    ButtonKind.MPM: ProductsParameter,
}


def sanitise_parameter(text: str) -> str:
    """Make text fit for a variable: line breaks and tabs become one space, long runs of spaces become four."""
    return _LONG_SPACE.sub("    ", _LINE_SPACE.sub(" ", text)).strip()


def check_template(content: TemplateMessage) -> Iterator[ContentProblem]:
    """Check one template message on its own, without the template's definition."""
    if not NAME.fullmatch(content.name):
        yield problem("/name", "template_name")
    if not LANGUAGE.fullmatch(content.language):
        yield problem("/language", "language_code")
    seen: set[tuple[str, int]] = set()
    for index, component in enumerate(content.components):
        pointer = f"/components/{index}"
        key = (component.type, component.index if isinstance(component, ButtonComponent) else 0)
        if key in seen:
            yield problem(pointer, "component_twice")
        seen.add(key)
        yield from _check_component(pointer, component)


def _check_component(pointer: str, component: TemplateComponent) -> Iterator[ContentProblem]:
    match component:
        case HeaderComponent():
            yield from _check_header(f"{pointer}/parameter", component)
        case BodyComponent():
            yield from _check_body(pointer, component)
        case ButtonComponent():
            yield from _check_button(pointer, component)
        case LimitedTimeOfferComponent():
            # Anything below this is a time in seconds, which the provider would read as 1970.
            if component.expiration_time_ms < 100_000_000_000:
                yield problem(f"{pointer}/expiration_time_ms", "number_out_of_range", least=10**11, most=10**14)
        case CarouselComponent():
            yield from _check_cards(pointer, component)


def _check_text(pointer: str, text: str, limit: int) -> Iterator[ContentProblem]:
    yield from check_length(pointer, text, limit)
    if _FORBIDDEN_SPACE.search(text):
        yield problem(pointer, "parameter_whitespace")


def _check_header(pointer: str, component: HeaderComponent) -> Iterator[ContentProblem]:
    parameter = component.parameter
    if isinstance(parameter, TextParameter):
        yield from _check_text(f"{pointer}/text", parameter.text, 60)
    elif isinstance(parameter, MediaParameter):
        yield from check_source(pointer, parameter.id, parameter.link)
        if parameter.kind not in _MEDIA:
            yield problem(f"{pointer}/kind", "header_media_kind")
        if parameter.filename is not None and parameter.kind is not MediaKind.DOCUMENT:
            yield problem(f"{pointer}/filename", "filename_only_for_documents")


def _check_body(pointer: str, component: BodyComponent) -> Iterator[ContentProblem]:
    if len({parameter.name is None for parameter in component.parameters}) > 1:
        yield problem(f"{pointer}/parameters", "mixed_names")
    names: set[str] = set()
    for index, parameter in enumerate(component.parameters):
        place = f"{pointer}/parameters/{index}"
        if isinstance(parameter, TextParameter):
            yield from _check_text(f"{place}/text", parameter.text, 1024)
        else:
            yield from _check_text(f"{place}/fallback_value", parameter.fallback_value, 1024)
        if isinstance(parameter, CurrencyParameter) and not _CURRENCY.fullmatch(parameter.code):
            yield problem(f"{place}/code", "currency_code")
        if parameter.name is not None and parameter.name in names:
            yield problem(f"{place}/name", "not_unique")
        names.add(parameter.name or "")


def _check_button(pointer: str, component: ButtonComponent) -> Iterator[ContentProblem]:
    if not 0 <= component.index <= 9:
        yield problem(f"{pointer}/index", "number_out_of_range", least=0, most=9)
    parameter = component.parameter
    if not isinstance(parameter, _PARAMETER_OF[component.kind]):
        yield problem(f"{pointer}/parameter", "parameter_kind")
        return
    match parameter:
        case TextParameter():
            yield from _check_text(f"{pointer}/parameter/text", parameter.text, 2000)
        case PayloadParameter():
            yield from check_length(f"{pointer}/parameter/payload", parameter.payload, 256)
        case CouponParameter():
            if not COUPON.fullmatch(parameter.coupon_code):
                yield problem(f"{pointer}/parameter/coupon_code", "coupon_code")
        case FlowParameter():
            yield from check_length(f"{pointer}/parameter/flow_token", parameter.flow_token, 2000)
        case CatalogParameter():
            yield from check_length(
                f"{pointer}/parameter/thumbnail_product_retailer_id", parameter.thumbnail_product_retailer_id, 256
            )
        case ProductsParameter():
            if not 1 <= len(parameter.sections) <= 10:
                yield problem(f"{pointer}/parameter/sections", "count_out_of_range", least=1, most=10)
            if not 1 <= sum(len(section.product_retailer_ids) for section in parameter.sections) <= 30:
                yield problem(f"{pointer}/parameter/sections", "count_out_of_range", least=1, most=30)


def _check_cards(pointer: str, component: CarouselComponent) -> Iterator[ContentProblem]:
    if not 2 <= len(component.cards) <= 10:
        yield problem(f"{pointer}/cards", "count_out_of_range", least=2, most=10)
    for index, card in enumerate(component.cards):
        if card.card_index != index:
            yield problem(f"{pointer}/cards/{index}/card_index", "card_index_order")
        for number, part in enumerate(card.components):
            yield from _check_component(f"{pointer}/cards/{index}/components/{number}", part)
