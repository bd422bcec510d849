"""Reads the simulator's JSON and TOML files; every refusal names the file, and the line or the field."""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from blazz.kernel.errors import InvalidInput, Message

T = TypeVar("T")
_TABLE = re.compile(r"^\s*\[\[\s*([\w.]+)\s*\]\]", re.MULTILINE)
_POINTER = re.compile(r"\$((?:\.\w+|\[(?:\d+|\.\.\.)\])*)")


class FileInvalid(InvalidInput):
    """A simulator file cannot be used; ``where`` names the line and the field as far as they are known."""

    code = "simulator_file_invalid"
    message = Message(en="{file}, {where}: {problem}", id="{file}, {where}: {problem}")


def read_text(path: Path) -> str:
    """Read a file; raises FileInvalid when it is missing or not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise FileInvalid(file=str(path), where="file", problem=error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise FileInvalid(file=str(path), where=f"byte {error.start}", problem="the file is not UTF-8") from error


def parse_tree(text: str, name: str) -> dict[str, object]:
    """Parse a table; a ``name`` that ends in ``.toml`` says that it is TOML, else it is JSON.

    Raises:
        FileInvalid: not valid JSON or TOML, or no table.

    """
    try:
        tree = tomllib.loads(text) if name.endswith(".toml") else json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise FileInvalid(file=name, where=where, problem=f"not valid JSON: {error.msg}") from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at (line \d+, column \d+|end of document)\)", str(error))
        problem = f"not valid TOML: {str(error).partition(' (at ')[0]}"
        raise FileInvalid(file=name, where=found.group(1) if found else "file", problem=problem) from error
    if not isinstance(tree, dict):
        raise FileInvalid(file=name, where="line 1", problem="expected a table of settings at the top")
    return tree


def read_settings(path: Path, kind: type[T], defaults: Mapping[str, object]) -> T:
    """Read a file into a struct; ``defaults`` stand in for what it leaves out.

    Raises:
        FileInvalid: as ``read_text`` and ``parse_tree``, or a value has the wrong type or size.

    """
    text = read_text(path)
    tree = parse_tree(text, str(path))
    try:
        return msgspec.convert({**defaults, **tree}, type=kind, dec_hook=_decode_path)
    except msgspec.ValidationError as error:
        raise explain(str(path), text, error) from error


def explain(name: str, text: str, error: msgspec.ValidationError, *, prefix: str = "") -> FileInvalid:
    """Say which line and field a refused value stands in; ``prefix`` is put before the error's own path."""
    problem, _, tail = str(error).partition(" - at `")
    found = _POINTER.search(tail)
    inside = found.group(1).lstrip(".") if found else ""
    unknown = re.search(r"unknown field `(\w+)`", problem)
    parts = [part for part in (prefix, inside, unknown.group(1) if unknown else "") if part]
    pointer = ".".join(parts).replace(".[", "[")
    line = line_of(text, pointer)
    where = ", ".join(part for part in (f"line {line}" if line else "", f"field {pointer}" if pointer else "") if part)
    return FileInvalid(file=name, where=where or "top level", problem=problem)


def line_of(text: str, pointer: str) -> int | None:
    """Find the line a pointer such as ``steps[2].seconds`` speaks of; the nearest line above it when unsure."""
    keys = re.findall(r"(\w+)|\[(\d+)\]", pointer)
    if not keys:
        return None
    start, line = 0, None
    for position, (name, index) in enumerate(keys):
        if name:
            found = re.compile(rf"""(?m)(?:^\s*\[*\s*|[{{,]\s*)["']?{name}["']?(?=\s*(?:[=:\].]))""").search(
                text, start
            )
            if found is None:
                return line
            start, line = found.end(), text.count("\n", 0, found.end()) + 1
            continue
        at = _item(text, start, keys[position - 1][0], int(index))
        if at is not None:
            start, line = at, text.count("\n", 0, at) + 1
    return line


def _item(text: str, start: int, name: str, index: int) -> int | None:
    """Find where item ``index`` of the list ``name`` begins, as repeated TOML tables or as a list."""
    tables = [found.end() for found in _TABLE.finditer(text) if found.group(1) == name]
    if tables:
        return tables[index] if index < len(tables) else None
    depth, seen, inside = 0, -1, ""
    for at in range(start, len(text)):
        mark = text[at]
        if inside:
            inside = "" if mark == inside and text[at - 1] != "\\" else inside
            continue
        if (
            depth == 1
            and seen < index
            and mark not in ", \t\r\n]"
            and (seen == -1 or text[start:at].rstrip()[-1] == ",")
        ):
            seen += 1
            if seen == index:
                return at
        if mark in "\"'":
            inside = mark
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(mark, 0)
        if depth == 0 and mark == "]":
            return None
    return None


def _decode_path(kind: type, value: object) -> Path:
    if kind is Path and isinstance(value, str):
        return Path(value)
    msg = f"Expected a path, got `{type(value).__name__}`"
    raise ValueError(msg)
