"""Turns content into plain JSON values for storage and back, losslessly.

The codec reads the dataclasses themselves: a class with a ``type`` is written with that tag, fields that hold their
default are left out, and reading refuses anything that is not exactly what writing produces.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Literal, Union, cast, get_args, get_origin, get_type_hints

from .interactive import JsonObject, JsonValue
from .templates import Content

Decoder = Callable[[object], object]

_decoders: dict[object, Decoder] = {}
_plans: dict[type, tuple[tuple[str, object], ...]] = {}


class _Misfit(ValueError):
    """What is wrong, and the steps to it from the inside out: a path is written only when something is wrong."""

    def __init__(self, reason: str, *path: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = list(path)


class ContentFormatError(ValueError):
    """Stored or submitted content does not have the shape of any content; ``pointer`` says where."""

    def __init__(self, pointer: str, reason: str) -> None:
        """Keep the JSON pointer and a short reason in English."""
        super().__init__(f"{pointer or '/'}: {reason}")
        self.pointer = pointer
        self.reason = reason


def to_json(content: Content) -> dict[str, JsonValue]:
    """Write content as plain JSON values, tagged with its ``type``."""
    return cast("dict[str, JsonValue]", _encode(content))


def from_json(value: object) -> Content:
    """Read what :func:`to_json` wrote; raises ContentFormatError naming the place that is wrong."""
    try:
        return cast("Content", _decoder_for(Content)(value))
    except _Misfit as error:
        raise ContentFormatError("".join(f"/{step}" for step in reversed(error.path)), error.reason) from None


def _encode(value: object) -> object:
    if value is None or isinstance(value, StrEnum):
        return None if value is None else value.value
    if isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, tuple | list):
        return [_encode(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _encode(item) for key, item in value.items()}
    kind = type(value)
    plan = _plans.get(kind)
    if plan is None:
        plan = _plans[kind] = _plan(kind)
    tag: str | None = getattr(kind, "type", None) if _has_tag(kind) else None
    written: dict[str, object] = {} if tag is None else {"type": tag}
    for name, default in plan:
        item = getattr(value, name)
        if default is MISSING or item != default or type(item) is not type(default):
            written[name] = _encode(item)
    return written


def _plan(kind: type) -> tuple[tuple[str, object], ...]:
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__name__} is not content")
    return tuple((field.name, field.default) for field in fields(kind))


def _has_tag(kind: type) -> bool:
    # Some cards have an ordinary field called type (home, work), which is no tag.
    return "type" in kind.__dict__ and all(field.name != "type" for field in fields(kind))


def _decoder_for(hint: object) -> Decoder:
    known = _decoders.get(hint)
    if known is None:
        known = _decoders[hint] = _build_decoder(hint)
    return known


def _build_decoder(hint: object) -> Decoder:
    if hint in {str, int, float, bool}:
        return _scalar(cast("type", hint))
    origin = get_origin(hint)
    if origin is Literal:
        return _choice(tuple(str(option) for option in get_args(hint)))
    if origin is tuple:
        return _tuple_of(_decoder_for(get_args(hint)[0]))
    if origin in {UnionType, Union}:
        return _optional_or_union(get_args(hint))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _enum(hint)
    if isinstance(hint, type) and is_dataclass(hint):
        return _dataclass(hint)
    return _json_object


def _scalar(kind: type) -> Decoder:
    accepted: tuple[type, ...] = (int, float) if kind is float else (kind,)

    def decode(value: object) -> object:
        if type(value) not in accepted:
            raise _Misfit(f"expected {kind.__name__}, got {type(value).__name__}")
        return float(cast("float", value)) if kind is float else value

    return decode


def _choice(options: tuple[str, ...]) -> Decoder:
    def decode(value: object) -> object:
        if value not in options:
            raise _Misfit(f"expected one of {', '.join(options)}")
        return value

    return decode


def _enum(kind: type[StrEnum]) -> Decoder:
    options = {member.value: member for member in kind}

    def decode(value: object) -> object:
        member = options.get(value) if isinstance(value, str) else None
        if member is None:
            raise _Misfit(f"expected one of {', '.join(options)}")
        return member

    return decode


def _tuple_of(item: Decoder) -> Decoder:
    def decode(value: object) -> object:
        if not isinstance(value, list):
            raise _Misfit(f"expected a list, got {type(value).__name__}")
        found: list[object] = []
        try:
            found.extend(map(item, value))
        except _Misfit as error:
            # What was read before the misfit is in the list; its length is the place.
            error.path.append(len(found))
            raise
        return tuple(found)

    return decode


def _optional_or_union(options: tuple[object, ...]) -> Decoder:
    inner = tuple(option for option in options if option is not NoneType)
    decode_inner = _decoder_for(inner[0]) if len(inner) == 1 else _decoder_of_union(cast("tuple[type, ...]", inner))
    if len(inner) == len(options):
        return decode_inner

    def decode(value: object) -> object:
        return None if value is None else decode_inner(value)

    return decode


def _decoder_of_union(kinds: tuple[type, ...]) -> Decoder:
    by_tag = {str(getattr(kind, "type", "")): kind for kind in kinds}

    def decode(value: object) -> object:
        tag = value.get("type") if isinstance(value, dict) else None
        kind = by_tag.get(tag) if isinstance(tag, str) else None
        if kind is None:
            raise _Misfit(f"expected one of {', '.join(by_tag)}", "type")
        return _decoder_for(kind)(value)

    return decode


def _dataclass(kind: type) -> Decoder:
    hints = get_type_hints(kind)
    members = {field.name: _decoder_for(hints[field.name]) for field in fields(kind)}
    required = [field.name for field in fields(kind) if field.default is MISSING]
    ignored = {"type"} if _has_tag(kind) else set[str]()

    def decode(value: object) -> object:
        if not isinstance(value, dict):
            raise _Misfit(f"expected an object, got {type(value).__name__}")
        found: dict[str, object] = {}
        for name, item in value.items():
            member = members.get(name)
            if member is not None:
                try:
                    found[name] = member(item)
                except _Misfit as error:
                    error.path.append(name)
                    raise
            elif name not in ignored:
                raise _Misfit("unknown field", name)
        for name in required:
            if name not in found:
                raise _Misfit("missing", name)
        return kind(**found)

    return decode


def _json_object(value: object) -> JsonObject:
    if not isinstance(value, dict):
        raise _Misfit(f"expected an object, got {type(value).__name__}")
    return cast("JsonObject", value)
