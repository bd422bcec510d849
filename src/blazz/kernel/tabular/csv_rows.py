"""Rows of a CSV file: a broken row costs that row, never the file."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from blazz.kernel.tabular.guard import unguard_cell
from blazz.kernel.tabular.lines import APOSTROPHE, OVERSIZED, UNDECODABLE, LineSource, RecordCutShort
from blazz.kernel.tabular.types import MAX_CELL_CHARS, MAX_COLUMNS, Checkpoint, Row, RowProblem

_SHOWN_CELL_CHARS: Final = 200


def read_csv_rows(path: Path, encoding: str, delimiter: str, after: Checkpoint) -> Iterator[Row]:
    """Stream the rows that follow a checkpoint; blank rows are counted but not given out."""
    with path.open("rb") as file:
        file.seek(after.offset)
        source = LineSource(file, encoding)
        reader = csv.reader(source, delimiter=delimiter)
        number, offset = after.number, after.offset
        while True:
            source.begin_record()
            try:
                cells = next(reader)
            except StopIteration:
                if not source.record:
                    return
                cells = None
            except (RecordCutShort, csv.Error):
                cells = None
            number += 1
            if cells is None or source.unclosed or (len(source.record) > 1 and not _closes_well(source, delimiter)):
                row = _rejected_line(source, number, offset, delimiter)
            else:
                offset += source.size
                if _is_blank(cells):
                    continue
                row = _row(cells, source, number, offset)
            offset = row.offset
            yield row


def _closes_well(source: LineSource, delimiter: str) -> bool:
    """Tell whether a record of several lines follows the rules; else a lost quote has swallowed the lines after it."""
    try:
        return len(list(csv.reader([line.text for line in source.record], delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False


def _is_blank(cells: list[str]) -> bool:
    # The first cell settles it for nearly every row.
    return not cells or ((not cells[0] or cells[0].isspace()) and not "".join(cells).strip())


def _row(cells: list[str], source: LineSource, number: int, offset: int) -> Row:
    if source.marks & APOSTROPHE:
        cells = [unguard_cell(cell) for cell in cells]
    problem: RowProblem | None = None
    if len(cells) > MAX_COLUMNS:
        problem = RowProblem.ROW_TOO_WIDE
    elif source.marks & UNDECODABLE:
        problem = RowProblem.UNDECODABLE_TEXT
    elif source.size > MAX_CELL_CHARS and any(len(cell) > MAX_CELL_CHARS for cell in cells):
        problem = RowProblem.CELL_TOO_LARGE
    if problem is not None:
        return Row(number=number, cells=_shown(cells), offset=offset, problem=problem)
    return Row(number=number, cells=tuple(cells), offset=offset)


def _rejected_line(source: LineSource, number: int, offset: int, delimiter: str) -> Row:
    """Reject the first line of a record that has no end, or is too large; its other lines are read as rows again."""
    line = source.give_up_first_line()
    problem = RowProblem.UNCLOSED_QUOTE
    if line.marks & OVERSIZED:
        problem = RowProblem.ROW_TOO_LARGE
    elif len(source.record) == 1 and not source.unclosed:
        problem = RowProblem.CELL_TOO_LARGE
    cells = line.text.rstrip("\r\n").split(delimiter, MAX_COLUMNS)
    return Row(number=number, cells=_shown(cells), offset=offset + line.size, problem=problem)


def _shown(cells: list[str]) -> tuple[str, ...]:
    return tuple(cell[:_SHOWN_CELL_CHARS] for cell in cells[:MAX_COLUMNS])
