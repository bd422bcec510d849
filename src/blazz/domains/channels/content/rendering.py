"""Fills templates: the text people will read, and the message the provider is sent.

Substitution is one pass over the stored text. A value is never looked at again, so braces inside a value stay what
they are, and a variable without a value is refused instead of being left blank.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from .definition import (
    TemplateDefinition,
    TemplateVariable,
    component_of,
    has_url_variable,
    is_one_time_code,
    kind_of,
    objects_of,
    template_variables,
    text_of,
    variable_pattern,
)
from .filling import TemplateValue, TemplateValuesRefused, check_values, fill_components, shown
from .interactive import JsonObject
from .messages import Location
from .problems import problem
from .template_rules import check_template
from .templates import LocationParameter, MediaParameter, TemplateMessage

Values: TypeAlias = Mapping[str, TemplateValue]

_LINK_VARIABLE = re.compile(r"\{\{\s*[a-z0-9_]+\s*\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedHeader:
    """The header as it will be shown: ``format`` TEXT, IMAGE, VIDEO, GIF, DOCUMENT, LOCATION or PRODUCT."""

    format: str
    text: str | None = None
    media: MediaParameter | None = None
    location: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedButton:
    """A button as it will be shown; ``type`` is the provider's word, such as URL or QUICK_REPLY."""

    type: str
    text: str
    url: str | None = None
    phone_number: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedCard:
    """One card of a carousel."""

    header: RenderedHeader | None
    body: str | None
    buttons: tuple[RenderedButton, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedTemplate:
    """A filled template as the recipient will read it."""

    header: RenderedHeader | None
    body: str
    footer: str | None
    buttons: tuple[RenderedButton, ...]
    cards: tuple[RenderedCard, ...] = ()


def render_template(definition: TemplateDefinition, values: Values) -> RenderedTemplate:
    """Fill the template for reading; raises TemplateValuesRefused when a value is missing, unknown or unfit."""
    check_values(definition, values)
    components = definition.components
    carousel = component_of(components, "CAROUSEL")
    cards = objects_of(carousel.get("cards")) if carousel is not None else ()
    footer = component_of(components, "FOOTER")
    rendered = RenderedTemplate(
        header=_header(definition, components, values, ""),
        body=_body(definition, components, values, "") or "",
        footer=text_of(footer.get("text")) or None if footer is not None else None,
        buttons=tuple(_buttons(definition, components, values, "")),
        cards=tuple(_card(definition, card, values, number) for number, card in enumerate(cards)),
    )
    if len(rendered.body) > 1024:
        raise TemplateValuesRefused([problem("/body", "too_long", limit=1024, length=len(rendered.body))])
    return rendered


def build_template_message(definition: TemplateDefinition, values: Values) -> TemplateMessage:
    """Make the message to send; raises TemplateValuesRefused naming every missing, unknown or unfit value.

    Texts are made fit first: line breaks and tabs become spaces, long runs of spaces are cut to four.
    """
    render_template(definition, values)
    message = TemplateMessage(
        name=definition.name, language=definition.language, components=fill_components(definition, values)
    )
    problems = list(check_template(message))
    if problems:
        raise TemplateValuesRefused(problems)
    return message


def missing_variables(definition: TemplateDefinition, values: Values) -> tuple[TemplateVariable, ...]:
    """List the required variables that have no value or only a blank one."""
    return tuple(
        variable
        for variable in template_variables(definition)
        if variable.required and not shown(values.get(variable.key))
    )


def _fill(definition: TemplateDefinition, text: str, values: Values, prefix: str) -> str:
    def value_of(found: re.Match[str]) -> str:
        name = found[1]
        if definition.parameter_format == "POSITIONAL":
            name = str(int(name))
        return shown(values[prefix + name])

    return variable_pattern(definition).sub(value_of, text)


def _header(
    definition: TemplateDefinition, components: tuple[JsonObject, ...], values: Values, prefix: str
) -> RenderedHeader | None:
    header = component_of(components, "HEADER")
    if header is None:
        return None
    form = text_of(header.get("format")).upper() or "TEXT"
    if form == "TEXT":
        return RenderedHeader(
            format=form, text=_fill(definition, text_of(header.get("text")), values, f"{prefix}header.")
        )
    if form == "LOCATION":
        place = values[f"{prefix}header.location"]
        return RenderedHeader(format=form, location=place.location if isinstance(place, LocationParameter) else None)
    media = values.get(f"{prefix}header.media")
    if isinstance(media, str):
        return RenderedHeader(format=form, text=media)
    return RenderedHeader(format=form, media=media if isinstance(media, MediaParameter) else None)


def _body(
    definition: TemplateDefinition, components: tuple[JsonObject, ...], values: Values, prefix: str
) -> str | None:
    body = component_of(components, "BODY")
    if body is None:
        return None
    text = text_of(body.get("text"))
    if not text and is_one_time_code(definition):
        return shown(values["body.1"])
    return _fill(definition, text, values, f"{prefix}body.")


def _buttons(
    definition: TemplateDefinition, components: tuple[JsonObject, ...], values: Values, prefix: str
) -> Iterator[RenderedButton]:
    holder = component_of(components, "BUTTONS")
    for index, button in enumerate(objects_of(holder.get("buttons")) if holder is not None else ()):
        kind = kind_of(button)
        value = values.get(f"{prefix}button.{index}")
        url = text_of(button.get("url")) or None
        if url is not None and has_url_variable(definition, button):
            suffix = shown(values["body.1"] if is_one_time_code(definition) else value)
            url = _LINK_VARIABLE.sub(lambda _, suffix=suffix: suffix, url)  # type: ignore[misc]  # a default argument binds now
        yield RenderedButton(
            type=kind,
            text=text_of(button.get("text")),
            url=url,
            phone_number=text_of(button.get("phone_number")) or None,
            code=shown(value) if kind == "COPY_CODE" else None,
        )


def _card(definition: TemplateDefinition, card: JsonObject, values: Values, number: int) -> RenderedCard:
    components = objects_of(card.get("components"))
    prefix = f"card.{number}."
    return RenderedCard(
        header=_header(definition, components, values, prefix),
        body=_body(definition, components, values, prefix),
        buttons=tuple(_buttons(definition, components, values, prefix)),
    )
