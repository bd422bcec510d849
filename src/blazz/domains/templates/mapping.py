"""Maps a template's variables to contact fields or fixed texts, checks the mapping, and resolves it for one person."""

from collections.abc import Mapping

from blazz.domains.channels.content import TemplateDefinition, TemplateVariable, sanitise_parameter, template_variables
from blazz.domains.templates.types import Mapped, ResolvedValues, VariableSource
from blazz.kernel.errors import FieldProblem, Message

CONTACT_FIELDS = frozenset({"name", "first_name", "phone", "email", "city", "company", "external_id"})
ATTRIBUTE_PREFIX = "attributes."
_MEDIA = frozenset({"image", "video", "document", "gif"})
_FROM_TEXT = frozenset({"text", "url_suffix", "payload", "coupon_code", "flow", "catalog", "expiration"}) | _MEDIA
_MISSING = Message(en="This variable needs a value.", id="Variabel ini memerlukan nilai.")
_UNKNOWN = Message(en="The template has no such variable.", id="Templat tidak memiliki variabel ini.")
_ONE_SOURCE = Message(en="Give a contact field or a text, exactly one.", id="Isi kolom kontak atau teks, salah satu.")
_UNKNOWN_FIELD = Message(
    en="Use name, first_name, phone, email, city, company, external_id or attributes.<name>.",
    id="Pakai name, first_name, phone, email, city, company, external_id, atau attributes.<nama>.",
)
_NOT_TEXT = Message(
    en="This variable cannot be filled from a field or text.",
    id="Variabel ini tidak dapat diisi dari kolom atau teks.",
)
_LINK = Message(en="The link must start with https://.", id="Tautan harus diawali https://.")
_TOO_LONG = Message(en="This may be at most 1,024 characters.", id="Bagian ini maksimal 1.024 karakter.")


def validate_mapping(definition: TemplateDefinition, mapping: Mapped) -> tuple[FieldProblem, ...]:
    """List what is wrong with a mapping; an empty answer means that every required variable has a fit source."""
    variables = {variable.key: variable for variable in template_variables(definition)}
    problems = [
        _problem(key, "variable_missing", _MISSING)
        for key, variable in variables.items()
        if variable.required and key not in mapping
    ]
    for key, source in mapping.items():
        variable = variables.get(key)
        if variable is None:
            problems.append(_problem(key, "variable_unknown", _UNKNOWN))
        else:
            problems.extend(_check_source(variable, source))
    return tuple(problems)


def resolve_values(
    definition: TemplateDefinition, mapping: Mapped, contact_fields: Mapping[str, str | None]
) -> ResolvedValues:
    """Take the values for one person; attributes stand in ``contact_fields`` as ``attributes.<name>``.

    Values are made fit for WhatsApp (line breaks and runs of spaces). A blank field falls back to its stand-in; a
    required variable that stays blank is named in ``missing``.
    """
    values: dict[str, str] = {}
    missing: list[str] = []
    for variable in template_variables(definition):
        source = mapping.get(variable.key)
        value = "" if source is None else _value_of(source, contact_fields)
        if value:
            values[variable.key] = value
        elif variable.required:
            missing.append(variable.key)
    return ResolvedValues(values=values, missing=tuple(missing))


def _value_of(source: VariableSource, contact_fields: Mapping[str, str | None]) -> str:
    if source.field is None:
        return sanitise_parameter(source.text or "").strip()
    value = contact_fields.get(source.field)
    if value is None and source.field == "first_name":
        value = ((contact_fields.get("name") or "").split() or [""])[0]
    return sanitise_parameter(value or "").strip() or sanitise_parameter(source.fallback or "").strip()


def _check_source(variable: TemplateVariable, source: VariableSource) -> list[FieldProblem]:
    key = variable.key
    if (source.field is None) == (source.text is None) or (source.text is not None and source.fallback is not None):
        return [_problem(key, "source_invalid", _ONE_SOURCE)]
    if variable.kind not in _FROM_TEXT:
        return [_problem(key, "variable_not_text", _NOT_TEXT)]
    if source.field is not None:
        attribute = source.field.removeprefix(ATTRIBUTE_PREFIX)
        if source.field not in CONTACT_FIELDS and (attribute == source.field or not attribute):
            return [_problem(key, "field_unknown", _UNKNOWN_FIELD)]
    fixed = source.text if source.field is None else source.fallback
    if fixed is None:
        return []
    if variable.required and source.field is None and not fixed.strip():
        return [_problem(key, "variable_missing", _MISSING)]
    if variable.kind in _MEDIA and not fixed.startswith("https://"):
        return [_problem(key, "link_not_https", _LINK)]
    return [_problem(key, "too_long", _TOO_LONG)] if len(fixed) > 1024 else []


def _problem(key: str, code: str, message: Message) -> FieldProblem:
    return FieldProblem(pointer=f"/variables/{key}", code=code, message=message)
