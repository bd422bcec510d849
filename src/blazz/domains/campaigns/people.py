"""Reads the contact fields that variables may name from a row of a statement."""

from collections.abc import Callable, Mapping

import msgspec

_ATTRIBUTE = "attributes."


def reader(row: Mapping[str, object]) -> Callable[[str], str]:
    """Return a function that gives a field of the person as text; what is absent is empty."""
    attributes: dict[str, object] | None = None

    def read(field: str) -> str:
        nonlocal attributes
        if field.startswith(_ATTRIBUTE):
            if attributes is None:
                attributes = _attributes(row["attributes"])
            value = attributes.get(field[len(_ATTRIBUTE) :])
        elif field == "first_name":
            words = str(row["name"] or "").split(maxsplit=1)
            value = words[0] if words else ""
        else:
            value = row[field]
        return _text(value)

    return read


def _attributes(raw: object) -> dict[str, object]:
    return msgspec.json.decode(raw, type=dict[str, object]) if isinstance(raw, str) else {}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    # Numbers and truth values as JSON writes them, which is how PostgreSQL's ->> reads them too.
    return msgspec.json.encode(value).decode()
