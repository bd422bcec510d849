"""Reads single values out of webhook JSON without ever raising."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias

Raw: TypeAlias = Mapping[str, object]

NOTHING: Final[Raw] = {}
_BSUID: Final = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_MILLISECONDS_FROM: Final = 100_000_000_000
_LATEST: Final = 4_102_444_800


def text(value: object) -> str | None:
    """Give text as it is and whole numbers as text; everything else, and the empty text, is None."""
    if value.__class__ is str:
        return value or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def obj(value: object) -> Raw:
    """Give an object as it is; everything else is an empty one."""
    return value if isinstance(value, dict) else NOTHING


def objects(value: object) -> list[object]:
    """Give a list as it is; everything else is an empty one."""
    return value if isinstance(value, list) else []


def number(value: object) -> float | None:
    """Give a number, also one written as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None


def moment(value: object) -> datetime | None:
    """Read epoch seconds, or milliseconds, as text or number; None when it is no time between 1970 and 2100."""
    try:
        seconds = int(value)  # type: ignore[call-overload]  # anything unfit raises and is caught
    except (TypeError, ValueError, OverflowError):
        return None
    if seconds >= _MILLISECONDS_FROM:
        return datetime.fromtimestamp(seconds / 1000, UTC) if seconds // 1000 < _LATEST else None
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LATEST else None


def bsuid(value: object) -> str | None:
    """Give a well-formed business-scoped user id; a malformed one is None."""
    return value if isinstance(value, str) and _BSUID.fullmatch(value) else None


def clean(value: object) -> object:
    """Rebuild a decoded value without what a database cannot store: zero characters and lone surrogates."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {str(clean(key)): clean(item) for key, item in value.items()}
    return value
