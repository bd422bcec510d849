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
from .problems import problem
from .templates import BodyParameter, ButtonParameter, Content, HeaderParameter

Decoder = Callable[[object], object]

_PARAMETER_CLASSES = tuple(
    dict.fromkeys(get_args(HeaderParameter) + get_args(BodyParameter) + get_args(ButtonParameter))
)
_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false"}
_decoders: dict[object, Decoder] = {}
_plans: dict[type, tuple[tuple[str, object], ...]] = {}


class _Misfit(ValueError):
    """What is wrong, and the steps to it from the inside out: a path is written only when something is wrong."""

    def __init__(self, code: str, *path: object, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data = data
        self.path = list(path)

    def located(self, pointer: str) -> "ContentFormatError":
        """Return it as the error people see, below the place ``pointer``."""
        steps = "".join(f"/{step}" for step in reversed(self.path))
        return ContentFormatError(f"{pointer}{steps}", self.code, **self.data)


class ContentFormatError(ValueError):
    """Stored or submitted content does not have the shape of any content; ``problem`` says where and why."""

    def __init__(self, pointer: str, code: str, **data: object) -> None:
        """Keep the problem; ``code`` and ``data`` name a sentence of the table of problems."""
        self.problem = problem(pointer, code, **data)
        super().__init__(f"{pointer or '/'}: {self.problem.en}")
        self.pointer = pointer


def to_json(content: Content) -> dict[str, JsonValue]:
    """Write content as plain JSON values, tagged with its ``type``."""
    return cast("dict[str, JsonValue]", _encode(content))


def from_json(value: object) -> Content:
    """Read what :func:`to_json` wrote; raises ContentFormatError naming the place that is wrong."""
    try:
        return cast("Content", _decoder_for(Content)(value))
    except _Misfit as error:
        raise error.located("") from None


def parameter_from_json(value: object, pointer: str) -> str | HeaderParameter | BodyParameter | ButtonParameter:
    """Read a value for a template's variable: plain text, or a tagged parameter such as media or a location."""
    if isinstance(value, str):
        return value
    try:
        return cast("HeaderParameter", _decoder_of_union(_PARAMETER_CLASSES)(value))
    except _Misfit as error:
        raise error.located(pointer) from None


def _wrong_type(expected: str, value: object) -> _Misfit:
    given = "object" if isinstance(value, Mapping) else "list" if isinstance(value, list) else None
    shown = given or ("nothing" if value is None else _NAMES.get(type(value), type(value).__name__))
    return _Misfit("wrong_type", expected=expected, given=shown)


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
            raise _wrong_type(_NAMES[kind], value)
        return float(cast("float", value)) if kind is float else value

    return decode


def _choice(options: tuple[str, ...]) -> Decoder:
    def decode(value: object) -> object:
        if value not in options:
            raise _Misfit("not_one_of", allowed=", ".join(options))
        return value

    return decode


def _enum(kind: type[StrEnum]) -> Decoder:
    options = {member.value: member for member in kind}

    def decode(value: object) -> object:
        member = options.get(value) if isinstance(value, str) else None
        if member is None:
            raise _Misfit("not_one_of", allowed=", ".join(options))
        return member

    return decode


def _tuple_of(item: Decoder) -> Decoder:
    def decode(value: object) -> object:
        if not isinstance(value, list):
            raise _wrong_type("list", value)
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
            raise _Misfit("not_one_of", "type", allowed=", ".join(by_tag))
        return _decoder_for(kind)(value)

    return decode


def _dataclass(kind: type) -> Decoder:
    hints = get_type_hints(kind)
    members = {field.name: _decoder_for(hints[field.name]) for field in fields(kind)}
    required = [field.name for field in fields(kind) if field.default is MISSING]
    ignored = {"type"} if _has_tag(kind) else set[str]()

    def decode(value: object) -> object:
        if not isinstance(value, dict):
            raise _wrong_type("object", value)
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
                raise _Misfit("field_unknown", name)
        for name in required:
            if name not in found:
                raise _Misfit("field_missing", name)
        return kind(**found)

    return decode


def _json_object(value: object) -> JsonObject:
    if not isinstance(value, dict):
        raise _wrong_type("object", value)
    return cast("JsonObject", value)
