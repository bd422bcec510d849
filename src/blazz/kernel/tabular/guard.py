"""Formula injection: no cell we write may start a formula when a spreadsheet opens it, and reading gives it back."""

import re
from typing import Final

_TRIGGERS: Final = "=+\\-@\t\r\0\uff1d\uff0b\uff0d\uff20"
# Apostrophes before a trigger are escaped with one more, so that undoing is exact for every text.
_DANGEROUS: Final = re.compile(f"'*[{_TRIGGERS}]")
_GUARDED: Final = re.compile(f"'+[{_TRIGGERS}]")


def guard_cell(cell: str) -> str:
    """Put an apostrophe before a cell that starts with ``= + - @``, tab, CR, NUL or a full-width form of them."""
    return "'" + cell if _DANGEROUS.match(cell) else cell


def unguard_cell(cell: str) -> str:
    """Take the apostrophe away again; every other cell stays as it is."""
    return cell[1:] if _GUARDED.match(cell) else cell
