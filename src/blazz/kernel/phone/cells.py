"""Cells that hold more than one number."""

import re
from typing import Final

from blazz.kernel.phone.cleaning import unify

# A group of fewer digits than this is part of a number (0812/3456/7890), never a number of its own.
_MIN_DIGITS: Final = 7
_BREAKS: Final = re.compile(r"[/,;|&\n]|(?<=[0-9)])\s*(?=\+)|\b(?:atau|dan|or|and)\b", re.IGNORECASE)
_NEXT_NUMBER: Final = re.compile(r"\s+(?=\+|0[28]|628)")
_MAX_TEXT: Final = 400


def split_numbers(cell: str) -> tuple[str, ...]:
    """Split a cell on ``/ , ; | &``, line breaks and ``atau``/``dan``; one piece when it is one number, none when empty.

    Separators inside one number do not split it: a piece must have at least seven digits to count as a number.
    """
    return split_unified(unify(cell[:_MAX_TEXT]))


def split_unified(text: str) -> tuple[str, ...]:
    """Do the same for text whose characters are unified already."""
    if not text:
        return ()
    pieces = _numbers(_BREAKS.split(text))
    if len(pieces) < 2 and _digits(text) > 15:
        pieces = _numbers(_NEXT_NUMBER.split(text))
    return pieces if len(pieces) > 1 else (text,)


def _numbers(pieces: list[str]) -> tuple[str, ...]:
    return tuple(piece.strip() for piece in pieces if _digits(piece) >= _MIN_DIGITS)


def _digits(text: str) -> int:
    return sum(char in "0123456789" for char in text)
