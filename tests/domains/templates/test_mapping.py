"""Mappings are checked before a campaign starts, and resolved the same way for every person."""

import pytest

from blazz.domains.channels.content import TemplateDefinition
from blazz.domains.templates import VariableSource, resolve_values, validate_mapping

DEFINITION = TemplateDefinition(
    name="promo",
    language="id",
    category="MARKETING",
    components=(
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "Halo {{1}}, diskon {{2}} untuk Anda."},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Ya"}]},
    ),
)
GOOD = {
    "header.media": VariableSource(text="https://toko.example/promo.jpg"),
    "body.1": VariableSource(field="first_name", fallback="Kak"),
    "body.2": VariableSource(field="attributes.diskon"),
}


def codes(mapping: dict[str, VariableSource]) -> dict[str, str]:
    return {item.pointer.removeprefix("/variables/"): item.code for item in validate_mapping(DEFINITION, mapping)}


def test_a_whole_mapping_has_no_problems() -> None:
    assert validate_mapping(DEFINITION, GOOD) == ()


@pytest.mark.parametrize(
    ("key", "source", "code"),
    [
        ("body.1", None, "variable_missing"),
        ("body.9", VariableSource(text="x"), "variable_unknown"),
        ("body.1", VariableSource(), "source_invalid"),
        ("body.1", VariableSource(field="name", text="x"), "source_invalid"),
        ("body.1", VariableSource(text="x", fallback="y"), "source_invalid"),
        ("body.1", VariableSource(field="password"), "field_unknown"),
        ("body.1", VariableSource(field="attributes."), "field_unknown"),
        ("body.1", VariableSource(text="  "), "variable_missing"),
        ("body.1", VariableSource(text="x" * 1025), "too_long"),
        ("header.media", VariableSource(text="http://toko.example/a.jpg"), "link_not_https"),
    ],
)
def test_each_mistake_is_named_at_its_variable(key: str, source: VariableSource | None, code: str) -> None:
    mapping = {name: item for name, item in GOOD.items() if name != key} | ({} if source is None else {key: source})
    assert codes(mapping) == {key: code}


def test_a_location_cannot_come_from_text() -> None:
    place = TemplateDefinition(
        name="a", language="id", category="UTILITY", components=({"type": "HEADER", "format": "LOCATION"},)
    )
    (item,) = validate_mapping(place, {"header.location": VariableSource(text="Monas")})
    assert item.code == "variable_not_text"


def test_values_come_from_fields_stand_ins_and_texts() -> None:
    resolved = resolve_values(DEFINITION, GOOD, {"name": "Budi Santoso", "attributes.diskon": " 10%\n lagi "})
    assert resolved.values["header.media"] == "https://toko.example/promo.jpg"
    assert resolved.values["body.1"] == "Budi"
    assert resolved.values["body.2"].split() == ["10%", "lagi"]
    assert "\n" not in resolved.values["body.2"]
    assert resolved.missing == ()


def test_a_person_without_the_field_gets_the_stand_in_or_is_named_missing() -> None:
    resolved = resolve_values(DEFINITION, GOOD, {"name": "  ", "attributes.diskon": None})
    assert resolved.values["body.1"] == "Kak"
    assert resolved.missing == ("body.2",)
