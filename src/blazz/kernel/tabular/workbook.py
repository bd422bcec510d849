"""Rows of an XLSX workbook through calamine, after checking that unpacking it is safe."""

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from blazz.kernel.tabular.errors import (
    CorruptWorkbook,
    EmptyFile,
    EncryptedWorkbook,
    NotATable,
    SheetNotFound,
    TooManyColumns,
    UnsupportedWorkbook,
    WorkbookTooLarge,
)
from blazz.kernel.tabular.guard import unguard_cell
from blazz.kernel.tabular.types import MAX_CELL_CHARS, MAX_COLUMNS, Checkpoint, Row, RowProblem

MAX_UNPACKED_BYTES: Final = 400 * 1024 * 1024
MAX_RATIO: Final = 200
_RATIO_FLOOR_BYTES: Final = 10 * 1024 * 1024
MAX_ENTRIES: Final = 5_000
# Calamine keeps a sheet as one dense rectangle, so two far corners would cost all the cells between them.
MAX_CELLS: Final = 10_000_000

_CHUNK_BYTES: Final = 1 << 20
_OVERLAP_BYTES: Final = 64
_WIDE_REFERENCE: Final = re.compile(rb"\br\s*=\s*[\"']\s*([A-Z]{2,4})[0-9]")
_DEEP_REFERENCE: Final = re.compile(rb"\br\s*=\s*[\"']\s*[A-Z]{0,4}([0-9]{5,})")
_SHOWN_CELL_CHARS: Final = 200

CellValue = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def check_workbook(path: Path) -> None:
    """Refuse a file that is no XLSX, is damaged, encrypted, or unpacks to more than is safe to hold.

    Every part calamine will read is unpacked once here, in small pieces, because the sizes a zip declares can lie.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            _check_contents(entries, names)
            _check_parts(archive, entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise CorruptWorkbook from error


def _check_contents(entries: list[zipfile.ZipInfo], names: set[str]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise WorkbookTooLarge
    if any(entry.flag_bits & 1 for entry in entries):
        raise EncryptedWorkbook
    if "xl/workbook.bin" in names:
        raise UnsupportedWorkbook(found=".xlsb")
    if "content.xml" in names:
        raise UnsupportedWorkbook(found=".ods")
    if "xl/workbook.xml" not in names:
        raise NotATable(found="ZIP")
    if len(names) < len(entries):
        raise CorruptWorkbook
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise WorkbookTooLarge


def _check_parts(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    total = 0
    for entry in entries:
        if not entry.filename.endswith((".xml", ".rels")):
            continue
        unpacked = columns = rows = 0
        tail = b""
        with archive.open(entry) as part:
            while chunk := part.read(_CHUNK_BYTES):
                unpacked += len(chunk)
                if total + unpacked > MAX_UNPACKED_BYTES or _is_bomb(unpacked, entry.compress_size):
                    raise WorkbookTooLarge
                text = tail + chunk
                # No spreadsheet program writes a document type; entity bombs need one.
                if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                    raise CorruptWorkbook
                columns = max([columns, *map(_column_number, set(_WIDE_REFERENCE.findall(text)))])
                rows = max([rows, *map(int, set(_DEEP_REFERENCE.findall(text)))])
                tail = text[-_OVERLAP_BYTES:]
        total += unpacked
        if entry.filename.startswith("xl/worksheets/"):
            _check_rectangle(columns, rows)


def _is_bomb(unpacked: int, packed: int) -> bool:
    return unpacked > _RATIO_FLOOR_BYTES and unpacked > MAX_RATIO * max(packed, 1)


def _check_rectangle(columns: int, rows: int) -> None:
    if columns > MAX_COLUMNS:
        raise TooManyColumns(columns=columns, limit=MAX_COLUMNS)
    if max(columns, 1) * rows > MAX_CELLS:
        raise WorkbookTooLarge


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def list_sheets(path: Path) -> tuple[str, ...]:
    """Name the visible worksheets in their order."""
    with _open(path) as workbook:
        return tuple(
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        )


def read_workbook_rows(path: Path, sheet: str, after: Checkpoint) -> Iterator[Row]:
    """Give the rows of a sheet that follow a checkpoint; blank rows are counted but not given out."""
    with _open(path) as workbook:
        table = _sheet(workbook, sheet)
        start, end = table.start, table.end
        if start is None or end is None:
            return
        indent = ("",) * start[1]
        width = end[1] + 1
        if width > MAX_COLUMNS:
            raise TooManyColumns(columns=width, limit=MAX_COLUMNS)
        if width * (end[0] + 1) > MAX_CELLS:
            raise WorkbookTooLarge
        for number, values in enumerate(table.iter_rows(), start=1):
            if number <= after.offset:
                continue
            cells = indent + tuple([value if value.__class__ is str else cell_text(value) for value in values])
            if any(cells):
                yield _row(cells, number)


def _row(cells: tuple[str, ...], number: int) -> Row:
    if any("'" in cell or "\0" in cell for cell in cells):
        cells = tuple(unguard_cell(cell.replace("\0", "")) for cell in cells)
    if any(len(cell) > MAX_CELL_CHARS for cell in cells):
        shown = tuple(cell[:_SHOWN_CELL_CHARS] for cell in cells)
        return Row(number=number, cells=shown, offset=number, problem=RowProblem.CELL_TOO_LARGE)
    return Row(number=number, cells=cells, offset=number)


def cell_text(value: CellValue) -> str:
    """Write a cell as a person would type it: whole numbers without ``.0``, dates as ISO, times without zero seconds' fractions."""
    match value:
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
        case dt.datetime():
            midnight = value.time() == dt.time()
            return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
        case dt.date() | dt.time():
            return value.isoformat()
        case _:
            return str(value)


def _open(path: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError as error:
        raise EncryptedWorkbook from error
    except (CalamineError, OSError, ValueError) as error:
        raise CorruptWorkbook from error
    except BaseException as error:
        raise _unless_ours(error) from error


def _sheet(workbook: CalamineWorkbook, sheet: str) -> CalamineSheet:
    if sheet not in workbook.sheet_names:
        raise SheetNotFound(sheet=sheet)
    try:
        return workbook.get_sheet_by_name(sheet)
    except (CalamineError, OSError, ValueError) as error:
        raise CorruptWorkbook from error
    except BaseException as error:
        raise _unless_ours(error) from error


def _unless_ours(error: BaseException) -> BaseException:
    """Turn a panic of the Rust reader, which is no ordinary exception, into a damaged file; let signals and exits pass."""
    return CorruptWorkbook() if type(error).__name__ == "PanicException" else error


def default_sheet(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the first visible sheet that holds anything, and the names of all visible ones."""
    names = list_sheets(path)
    for name in names:
        if next(read_workbook_rows(path, name, Checkpoint(number=0, offset=0)), None) is not None:
            return name, names
    raise EmptyFile
