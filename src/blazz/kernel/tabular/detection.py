"""Find out what a file is: workbook or text, encoding, delimiter, and where its header stands."""

import re
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Final

from blazz.kernel.tabular.csv_rows import read_csv_rows
from blazz.kernel.tabular.encoding import SUPPORTED, detect_encoding, is_zip, mark_length
from blazz.kernel.tabular.errors import BadDelimiter, BadEncoding, EmptyFile, SheetNotFound, TooManyColumns
from blazz.kernel.tabular.headers import find_header
from blazz.kernel.tabular.lines import LineSource, RecordCutShort
from blazz.kernel.tabular.types import MAX_COLUMNS, Checkpoint, Row, RowProblem, TabularFormat
from blazz.kernel.tabular.workbook import check_workbook, default_sheet, list_sheets, read_workbook_rows

DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE_ROWS: Final = 50
_PREVIEW_ROWS: Final = 5
_BEGIN: Final = Checkpoint(number=0, offset=0)
# Spreadsheet programs read this first line as the delimiter and do not show it.
_SEP_LINE: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


def detect(
    path: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    has_header: bool | None = None,
    sheet: str | None = None,
) -> TabularFormat:
    """Find out how to read a file; each keyword overrides what would be found.

    Raises ``UnreadableFile`` (its subclasses say why) for files that are empty, no table, or unsafe to open.
    """
    if path.stat().st_size == 0:
        raise EmptyFile
    if is_zip(path):
        return _detect_workbook(path, sheet, has_header=has_header)
    encoding, start = _text_start(path, encoding)
    if delimiter is not None and delimiter not in DELIMITERS:
        raise BadDelimiter
    line, line_size = _first_line(path, encoding, start)
    if match := _SEP_LINE.fullmatch(line):
        start = start + line_size
        delimiter = delimiter or (match[1] if match[1] in DELIMITERS else None)
    begin = Checkpoint(number=0, offset=start)
    delimiter, rows = _sample(path, encoding, delimiter, begin)
    if not rows:
        raise EmptyFile
    if rows[0].problem is RowProblem.ROW_TOO_WIDE:
        raise TooManyColumns(columns=line.count(delimiter) + 1, limit=MAX_COLUMNS)
    header, after, preview = _split_header(rows, begin, has_header=has_header)
    return TabularFormat(
        kind="csv",
        encoding=encoding,
        delimiter=delimiter,
        header=header,
        start=after,
        columns=_width(rows),
        preview=preview,
    )


def _detect_workbook(path: Path, sheet: str | None, *, has_header: bool | None) -> TabularFormat:
    check_workbook(path)
    if sheet is None:
        sheet, sheets = default_sheet(path)
    else:
        sheets = list_sheets(path)
        if sheet not in sheets:
            raise SheetNotFound(sheet=sheet)
    rows = list(islice(read_workbook_rows(path, sheet, _BEGIN), _SAMPLE_ROWS))
    if not rows:
        raise EmptyFile
    header, start, preview = _split_header(rows, _BEGIN, has_header=has_header)
    return TabularFormat(
        kind="xlsx",
        encoding="",
        delimiter="",
        header=header,
        start=start,
        columns=_width(rows),
        preview=preview,
        sheet=sheet,
        sheets=sheets,
    )


def _text_start(path: Path, encoding: str | None) -> tuple[str, int]:
    if encoding is None:
        return detect_encoding(path)
    wanted = encoding.strip().lower()
    if wanted not in SUPPORTED:
        raise BadEncoding(encoding=encoding)
    return wanted, mark_length(path, wanted)


def _first_line(path: Path, encoding: str, start: int) -> tuple[str, int]:
    with path.open("rb") as file:
        file.seek(start)
        source = LineSource(file, encoding)
        try:
            return next(source, ""), source.size
        except RecordCutShort:
            return source.record[0].text, source.size


def _sample(path: Path, encoding: str, delimiter: str | None, begin: Checkpoint) -> tuple[str, list[Row]]:
    """Read the first rows with each delimiter and keep the one that gives the most even columns."""
    samples = {
        candidate: list(islice(read_csv_rows(path, encoding, candidate, begin), _SAMPLE_ROWS))
        for candidate in (DELIMITERS if delimiter is None else (delimiter,))
    }
    # A delimiter that leaves nothing shows that the file holds only delimiters. Else max() keeps the first of equals, so
    # a file with one column has the comma.
    best = max(samples, key=lambda candidate: (not samples[candidate], _evenness(samples[candidate])))
    return best, samples[best]


def _evenness(rows: list[Row]) -> tuple[float, int]:
    widths = Counter(len(row.cells) for row in rows if row.problem in {None, RowProblem.ROW_TOO_WIDE})
    if not widths:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    # One column is what every wrong delimiter gives, so it says nothing.
    return (round(count / len(rows), 1), width) if width > 1 else (0.0, 0)


def _width(rows: list[Row]) -> int:
    return max(len(row.cells) for row in rows)


def _split_header(
    rows: list[Row], begin: Checkpoint, *, has_header: bool | None
) -> tuple[tuple[str, ...] | None, Checkpoint, tuple[tuple[str, ...], ...]]:
    good = [row for row in rows if row.problem is None]
    index = None if has_header is False else find_header([row.cells for row in good])
    if index is None and has_header and good:
        index = 0
    if index is None:
        return None, begin, tuple(row.cells for row in good[:_PREVIEW_ROWS])
    header = tuple(cell.strip() for cell in good[index].cells)
    preview = tuple(row.cells for row in good[index + 1 : index + 1 + _PREVIEW_ROWS])
    return header, good[index].checkpoint, preview
