"""CSV files that people download: RFC 4180 quoting, formula guard, and a BOM for spreadsheet programs that need one."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from blazz.kernel.tabular.guard import guard_cell

BOM = b"\xef\xbb\xbf"


def write_csv_row(cells: Sequence[str], *, delimiter: str = ",") -> str:
    """Write one row, guarded against formulas and ended with CRLF."""
    return _write([cells], delimiter)


class CsvWriter:
    """Writes guarded rows as UTF-8 to a binary stream; ``bom`` makes spreadsheet programs read the text rightly."""

    def __init__(self, stream: BinaryIO, *, delimiter: str = ",", bom: bool = False) -> None:
        """Begin the file, with the BOM when wanted."""
        self._stream = stream
        self._delimiter = delimiter
        if bom:
            stream.write(BOM)

    def write_row(self, cells: Sequence[str]) -> None:
        """Write one row."""
        self.write_rows([cells])

    def write_rows(self, rows: Iterable[Sequence[str]]) -> None:
        """Write many rows with one call to the stream. Lone surrogates, which UTF-8 cannot hold, become ``?``."""
        self._stream.write(_write(rows, self._delimiter).encode("utf-8", "replace"))


def _write(rows: Iterable[Sequence[str]], delimiter: str) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([guard_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue()
