"""Which of the first rows is the header: titles above it are passed over, and a first row of data means there is none."""

import re
from collections.abc import Sequence
from typing import Final

from blazz.kernel.tabular.synonyms import Field, field_for

_ROWS_LOOKED_AT: Final = 10
_NUMBER_LIKE: Final = re.compile(r"[\s'+(]*[0-9][0-9\s().,+\-/eE]{4,}")
_EMAIL_LIKE: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def find_header(rows: Sequence[Sequence[str]]) -> int | None:
    """Return the index of the header row, or None when the table begins with data."""
    width = max((_filled(cells) for cells in rows), default=0)
    for index, cells in enumerate(rows[:_ROWS_LOOKED_AT]):
        if has_data(cells):
            break
        if _names_columns(cells, width):
            return index
    if not rows or has_data(rows[0]):
        return None
    return 0


def has_data(cells: Sequence[str]) -> bool:
    """Tell whether a row holds a number or an e-mail address, which no header does."""
    return any(_NUMBER_LIKE.fullmatch(cell) or _EMAIL_LIKE.fullmatch(cell.strip()) for cell in cells)


def _names_columns(cells: Sequence[str], width: int) -> bool:
    filled = _filled(cells)
    known = [found[0] for cell in cells if (found := field_for(cell)) is not None]
    if not known or (filled == 1 and width > 1):
        return False
    return Field.PHONE in known or len(known) >= 2 or len(known) * 2 >= filled


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)
