"""What a file turned out to be, its rows, and what can be wrong with one row."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

import msgspec

from blazz.kernel.errors import Locale, Message

MAX_COLUMNS: Final = 512
MAX_CELL_CHARS: Final = 65_536
MAX_ROW_BYTES: Final = 1_048_576
MAX_ROW_LINES: Final = 2_000


class RowProblem(StrEnum):
    """Why one row was rejected while its file is read on; the values are permanent."""

    CELL_TOO_LARGE = "cell_too_large"
    ROW_TOO_LARGE = "row_too_large"
    ROW_TOO_WIDE = "row_too_wide"
    UNCLOSED_QUOTE = "unclosed_quote"
    UNDECODABLE_TEXT = "undecodable_text"

    def message(self, locale: Locale = "en") -> str:
        """Say the reason in one sentence."""
        return _MESSAGES[self].render(locale, {})


_MESSAGES: Final = {
    RowProblem.CELL_TOO_LARGE: Message(
        en=f"A cell holds more than {MAX_CELL_CHARS} characters.",
        id=f"Ada sel yang berisi lebih dari {MAX_CELL_CHARS} karakter.",
    ),
    RowProblem.ROW_TOO_LARGE: Message(en="The row is larger than 1 MB.", id="Baris ini lebih besar dari 1 MB."),
    RowProblem.ROW_TOO_WIDE: Message(
        en=f"The row has more than {MAX_COLUMNS} columns.", id=f"Baris ini memiliki lebih dari {MAX_COLUMNS} kolom."
    ),
    RowProblem.UNCLOSED_QUOTE: Message(
        en="A quotation mark in this row is never closed.", id="Ada tanda kutip pada baris ini yang tidak ditutup."
    ),
    RowProblem.UNDECODABLE_TEXT: Message(
        en="The row holds bytes that are not text in the file's encoding.",
        id="Baris ini memuat bita yang bukan teks dalam pengodean berkas.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The last row dealt with, and where the next begins: a byte offset in a CSV, a row index in a workbook."""

    number: int
    offset: int


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row with its number in the spreadsheet; a rejected row has a problem and only the beginnings of its cells."""

    number: int
    cells: tuple[str, ...]
    offset: int
    problem: RowProblem | None = None

    @property
    def checkpoint(self) -> Checkpoint:
        """Where reading goes on after this row."""
        return Checkpoint(number=self.number, offset=self.offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class TabularFormat:
    """How to read a file, found by ``detect`` or chosen by a person; plain values, so a job can store it.

    ``header`` is None for a file whose first row is data. ``start`` stands after the header. ``preview`` holds the first
    rows of data.
    """

    kind: Literal["csv", "xlsx"]
    encoding: str
    delimiter: str
    header: tuple[str, ...] | None
    start: Checkpoint
    columns: int
    preview: tuple[tuple[str, ...], ...]
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
