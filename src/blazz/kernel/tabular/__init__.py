"""Tables from people's files: find out what a file is, stream its rows, map its columns, write files back safely.

Words: a *format* is what a file turned out to be; a *row* is numbered as the spreadsheet shows it (the header is row 1, the
first person row 2); a *row problem* rejects one row, an *unreadable file* the whole file; a *checkpoint* is where to go on.
"""

from blazz.kernel.tabular.detection import detect
from blazz.kernel.tabular.errors import (
    BadDelimiter,
    BadEncoding,
    ColumnMapUnclear,
    CorruptWorkbook,
    EmptyFile,
    EncryptedWorkbook,
    NotATable,
    SheetNotFound,
    TooManyColumns,
    UnreadableFile,
    UnsupportedWorkbook,
    WorkbookTooLarge,
)
from blazz.kernel.tabular.guard import guard_cell, unguard_cell
from blazz.kernel.tabular.mapping import HeaderMapping, MappedColumn, map_columns
from blazz.kernel.tabular.reading import read_rows
from blazz.kernel.tabular.synonyms import Field
from blazz.kernel.tabular.types import Checkpoint, Row, RowProblem, TabularFormat
from blazz.kernel.tabular.writing import CsvWriter, write_csv_row

__all__ = [
    "BadDelimiter",
    "BadEncoding",
    "Checkpoint",
    "ColumnMapUnclear",
    "CorruptWorkbook",
    "CsvWriter",
    "EmptyFile",
    "EncryptedWorkbook",
    "Field",
    "HeaderMapping",
    "MappedColumn",
    "NotATable",
    "Row",
    "RowProblem",
    "SheetNotFound",
    "TabularFormat",
    "TooManyColumns",
    "UnreadableFile",
    "UnsupportedWorkbook",
    "WorkbookTooLarge",
    "detect",
    "guard_cell",
    "map_columns",
    "read_rows",
    "unguard_cell",
    "write_csv_row",
]
