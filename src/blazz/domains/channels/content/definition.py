"""Reads a template as the provider stores it and lists the variables it needs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from .interactive import JsonObject

VariableKind = Literal[
    "text",
    "image",
    "video",
    "document",
    "gif",
    "location",
    "product",
    "url_suffix",
    "payload",
    "coupon_code",
    "flow",
    "catalog",
    "products",
    "expiration",
]

_POSITIONAL = re.compile(r"\{\{\s*([0-9]{1,3})\s*\}\}")
_NAMED = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
_MEDIA_FORMATS: dict[str, VariableKind] = {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document", "GIF": "gif"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TemplateDefinition:
    """A template with its components exactly as the provider lists them (upper case types).

    Definitions compare by identity, so that the work of reading one is kept between messages.
    """

    name: str
    language: str
    category: str
    components: tuple[JsonObject, ...]
    parameter_format: Literal["POSITIONAL", "NAMED"] = "POSITIONAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVariable:
    """One value a template asks for.

    ``key`` names it in the values given for a message: ``header.media``, ``body.1``, ``body.first_name``,
    ``button.0``, ``offer.expires_at`` or, inside a carousel, ``card.2.body.1``.
    """

    key: str
    component: Literal["header", "body", "button", "offer"]
    name: str
    kind: VariableKind
    required: bool = True
    example: str | None = None
    button_index: int | None = None
    card_index: int | None = None


def variable_pattern(definition: TemplateDefinition) -> re.Pattern[str]:
    """Give the only form of variable this template has; everything else in braces is literal text."""
    return _NAMED if definition.parameter_format == "NAMED" else _POSITIONAL


def find_variables(definition: TemplateDefinition, text: str) -> tuple[str, ...]:
    """List the distinct variables of a text: by number when positional, by appearance when named."""
    names = dict.fromkeys(variable_pattern(definition).findall(text))
    if definition.parameter_format == "NAMED":
        return tuple(names)
    return tuple(str(number) for number in sorted({int(name) for name in names}))


@lru_cache(maxsize=512)
def template_variables(definition: TemplateDefinition) -> tuple[TemplateVariable, ...]:
    """List every value the template needs or can take, in the order header, body, buttons, cards."""
    return tuple(_variables(definition, definition.components, None))


def is_one_time_code(definition: TemplateDefinition) -> bool:
    """Tell whether this is an authentication template, whose one value is the code."""
    return definition.category.upper() == "AUTHENTICATION"


def kind_of(component: Mapping[str, object]) -> str:
    """Give a component's or button's type in upper case, whatever case it was stored in."""
    return text_of(component.get("type")).upper()


def text_of(value: object) -> str:
    """Give a stored value as text; anything that is not text counts as empty."""
    return value if isinstance(value, str) else ""


def objects_of(value: object) -> tuple[JsonObject, ...]:
    """Give the objects of a stored list; anything else in it is left out."""
    if not isinstance(value, list | tuple):
        return ()
    return tuple(cast("JsonObject", item) for item in value if isinstance(item, Mapping))


def component_of(components: tuple[JsonObject, ...], kind: str) -> JsonObject | None:
    """Find the component of one kind."""
    return next((component for component in components if kind_of(component) == kind), None)


def _variables(
    definition: TemplateDefinition, components: tuple[JsonObject, ...], card: int | None
) -> Iterator[TemplateVariable]:
    prefix = "" if card is None else f"card.{card}."
    header = component_of(components, "HEADER")
    if header is not None:
        yield from _header(definition, header, prefix, card)
    body = component_of(components, "BODY")
    if body is not None:
        yield from _body(definition, body, prefix, card)
    offer = component_of(components, "LIMITED_TIME_OFFER")
    if offer is not None and _has_expiration(offer):
        yield TemplateVariable(key="offer.expires_at", component="offer", name="expires_at", kind="expiration")
    buttons = component_of(components, "BUTTONS")
    if buttons is not None:
        for index, button in enumerate(objects_of(buttons.get("buttons"))):
            yield from _button(definition, button, index, prefix, card)
    carousel = component_of(components, "CAROUSEL") if card is None else None
    if carousel is not None:
        for number, part in enumerate(objects_of(carousel.get("cards"))):
            yield from _variables(definition, objects_of(part.get("components")), number)


def _has_expiration(offer: JsonObject) -> bool:
    details = offer.get("limited_time_offer")
    return isinstance(details, Mapping) and details.get("has_expiration") is True


def _header(
    definition: TemplateDefinition, header: JsonObject, prefix: str, card: int | None
) -> Iterator[TemplateVariable]:
    form = text_of(header.get("format")).upper() or "TEXT"
    if form == "TEXT":
        examples = examples_of(header, "header_text")
        for position, name in enumerate(find_variables(definition, text_of(header.get("text")))):
            yield TemplateVariable(
                key=f"{prefix}header.{name}",
                component="header",
                name=name,
                kind="text",
                card_index=card,
                example=examples.get(name) or examples.get(str(position + 1)),
            )
    elif form in _MEDIA_FORMATS:
        yield TemplateVariable(
            key=f"{prefix}header.media", component="header", name="media", kind=_MEDIA_FORMATS[form], card_index=card
        )
    elif form in {"LOCATION", "PRODUCT"}:
        kind: VariableKind = "location" if form == "LOCATION" else "product"
        yield TemplateVariable(key=f"{prefix}header.{kind}", component="header", name=kind, kind=kind, card_index=card)


def _body(
    definition: TemplateDefinition, body: JsonObject, prefix: str, card: int | None
) -> Iterator[TemplateVariable]:
    names = find_variables(definition, text_of(body.get("text")))
    if not names and is_one_time_code(definition):
        names = ("1",)
    examples = examples_of(body, "body_text")
    for position, name in enumerate(names):
        yield TemplateVariable(
            key=f"{prefix}body.{name}",
            component="body",
            name=name,
            kind="text",
            card_index=card,
            example=examples.get(name) or examples.get(str(position + 1)),
        )


def _button(
    definition: TemplateDefinition, button: JsonObject, index: int, prefix: str, card: int | None
) -> Iterator[TemplateVariable]:
    kind, required = _button_kind(definition, button)
    if kind is None:
        return
    example = button.get("example")
    first = example[0] if isinstance(example, list) and example else example
    yield TemplateVariable(
        key=f"{prefix}button.{index}",
        component="button",
        name=text_of(button.get("text")) or str(index),
        kind=kind,
        required=required,
        example=first if isinstance(first, str) else None,
        button_index=index,
        card_index=card,
    )


def _button_kind(definition: TemplateDefinition, button: JsonObject) -> tuple[VariableKind | None, bool]:
    match kind_of(button):
        case "URL" if has_url_variable(definition, button):
            # The code of an authentication template is given once, for the body; the button repeats it.
            return (None, False) if is_one_time_code(definition) else ("url_suffix", True)
        case "QUICK_REPLY":
            return "payload", False
        case "COPY_CODE":
            return "coupon_code", True
        case "FLOW":
            return "flow", False
        case "CATALOG":
            return "catalog", False
        case "MPM":
            return "products", True
        case _:
            return None, False


def has_url_variable(definition: TemplateDefinition, button: JsonObject) -> bool:
    """Tell whether a link button ends in a variable; links use either form of variable."""
    url = text_of(button.get("url"))
    return bool(_POSITIONAL.search(url) or variable_pattern(definition).search(url))


def examples_of(component: JsonObject, field: str) -> dict[str, str]:
    """Map each variable of a component to its stored example; positional ones are numbered from 1."""
    example = component.get("example")
    if not isinstance(example, Mapping):
        return {}
    named = {
        text_of(item.get("param_name")): text_of(item.get("example"))
        for item in objects_of(example.get(f"{field}_named_params"))
    }
    values = example.get(field)
    if isinstance(values, list) and values and isinstance(values[0], list):
        values = values[0]
    positional = values if isinstance(values, list) else []
    return named | {str(number): text_of(value) for number, value in enumerate(positional, 1)}
