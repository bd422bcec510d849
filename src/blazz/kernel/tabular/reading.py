"""Stream the rows of a file whose format is known, from its start or from a checkpoint."""

from collections.abc import Iterator
from pathlib import Path

from blazz.kernel.tabular.csv_rows import read_csv_rows
from blazz.kernel.tabular.types import Checkpoint, Row, TabularFormat
from blazz.kernel.tabular.workbook import read_workbook_rows


def read_rows(path: Path, fmt: TabularFormat, *, after: Checkpoint | None = None) -> Iterator[Row]:
    """Give the data rows in order, rejected ones included, each with its number as the spreadsheet shows it.

    ``after`` is the checkpoint of the last row dealt with: a CSV goes on at that byte, a workbook is read again up to that
    row. Memory stays flat for a CSV of any size. ``detect`` must have seen the file, since it checks that a workbook is safe.
    """
    begin = after or fmt.start
    if fmt.kind == "xlsx":
        return read_workbook_rows(path, fmt.sheet or "", begin)
    return read_csv_rows(path, fmt.encoding, fmt.delimiter, begin)
