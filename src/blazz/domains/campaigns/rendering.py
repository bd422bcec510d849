"""Turns a frozen template and a person into the text people read and the content the provider gets.

A template is compiled once per campaign: it is filled with marks in place of the values, encoded, and cut at the marks,
so that filling it for one person is a handful of joins, whatever the content looks like.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

import msgspec

from blazz.domains.campaigns.errors import TemplateUnsupported, VariablesMissing
from blazz.domains.campaigns.types import TemplateSnapshot, VariableSource
from blazz.domains.channels.content import (
    JsonObject,
    RenderedTemplate,
    TemplateDefinition,
    TemplateValuesRefused,
    build_template_message,
    render_template,
    sanitise_parameter,
    template_variables,
    to_json,
)

CONTACT_FIELDS: Final = frozenset({"name", "first_name", "phone", "email", "city", "company", "external_id"})
_MEDIA_KINDS: Final = frozenset({"image", "video", "document", "gif"})
# A mark is one character of a private-use area between two others: it survives every check, and no name holds it.
_FIRST_MARK: Final = 0xE100
_MARK = re.compile("\ue000([\ue100-\ue8ff])\ue001")
_LINK = "https://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A template filled for one person: ``body`` is what people read, ``content_json`` the stored content."""

    body: str
    content_json: str


@dataclass(frozen=True, slots=True)
class FieldUse:
    """A contact field that a variable takes its value from, and what stands in when it is empty."""

    name: str
    fallback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledTemplate:
    """A template with its variables mapped, ready to be filled for many people."""

    fields: tuple[FieldUse, ...]
    content_parts: tuple[str, ...]
    content_fields: tuple[int, ...]
    body_parts: tuple[str, ...]
    body_fields: tuple[int, ...]

    @property
    def required_fields(self) -> tuple[str, ...]:
        """Contact columns that a person must have filled: used without a fallback. A first name needs the name."""
        names = {item.name for item in self.fields if not item.fallback}
        return tuple(sorted({"name" if name == "first_name" else name for name in names}))

    @property
    def reads_attributes(self) -> bool:
        """Tell whether a custom attribute is used."""
        return any(item.name.startswith("attributes.") for item in self.fields)

    def fill(self, read: Callable[[str], str]) -> Filled | None:
        """Fill for the person whose fields ``read`` returns; None when a needed one is empty."""
        values: list[str] = []
        for item in self.fields:
            value = sanitise_parameter(read(item.name)) or item.fallback
            if not value:
                return None
            values.append(value)
        escaped = [msgspec.json.encode(value)[1:-1].decode() for value in values]
        return Filled(
            body=_join(self.body_parts, self.body_fields, values),
            content_json=_join(self.content_parts, self.content_fields, escaped),
        )


def compile_template(template: TemplateSnapshot, variables: Mapping[str, VariableSource]) -> CompiledTemplate:
    """Map a template's variables and cut it at its marks.

    Raises:
        VariablesMissing: a required variable has no source.
        TemplateUnsupported: the template has a part that campaigns cannot fill.

    """
    definition = TemplateDefinition(
        name=template.name,
        language=template.language,
        category=template.category,
        components=tuple(cast("JsonObject", component) for component in template.components),
        parameter_format=cast('Literal["POSITIONAL", "NAMED"]', template.parameter_format),
    )
    fields: list[FieldUse] = []
    values: dict[str, str] = {}
    missing: list[str] = []
    for variable in template_variables(definition):
        source = variables.get(variable.key)
        if source is not None and source.field is not None:
            item = FieldUse(source.field, sanitise_parameter(source.fallback or ""))
            if item not in fields:
                fields.append(item)
            mark = f"\ue000{chr(_FIRST_MARK + fields.index(item))}\ue001"
            # A media value counts as a link only when it looks like one; the prefix is taken off again below.
            values[variable.key] = _LINK + mark if variable.kind in _MEDIA_KINDS else mark
        elif source is not None and sanitise_parameter(source.text or ""):
            values[variable.key] = source.text or ""
        elif variable.required:
            missing.append(variable.key)
    if missing:
        raise VariablesMissing(variables=", ".join(missing), people=0)
    try:
        content = msgspec.json.encode(to_json(build_template_message(definition, values))).decode()
        readable = _readable(render_template(definition, values))
    except TemplateValuesRefused as error:
        raise TemplateUnsupported(part=str(error)) from None
    content_parts, content_fields = _cut(content.replace(_LINK + "\ue000", "\ue000"))
    body_parts, body_fields = _cut(readable)
    return CompiledTemplate(
        fields=tuple(fields),
        content_parts=content_parts,
        content_fields=content_fields,
        body_parts=body_parts,
        body_fields=body_fields,
    )


def _readable(rendered: RenderedTemplate) -> str:
    header = rendered.header.text if rendered.header is not None and rendered.header.format == "TEXT" else None
    return "\n\n".join(text for text in (header, rendered.body, rendered.footer) if text)


def _cut(text: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    pieces = _MARK.split(text)
    return tuple(pieces[0::2]), tuple(ord(piece) - _FIRST_MARK for piece in pieces[1::2])


def _join(parts: tuple[str, ...], order: tuple[int, ...], values: list[str]) -> str:
    out = [parts[0]]
    for place, index in enumerate(order, 1):
        out.append(values[index])
        out.append(parts[place])
    return "".join(out)
