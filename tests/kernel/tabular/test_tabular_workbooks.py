"""XLSX files: values as people type them, row numbers, and workbooks that are unsafe to open."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from blazz.kernel.tabular import (
    CorruptWorkbook,
    EmptyFile,
    EncryptedWorkbook,
    Field,
    NotATable,
    SheetNotFound,
    TooManyColumns,
    UnreadableFile,
    UnsupportedWorkbook,
    WorkbookTooLarge,
    detect,
    map_columns,
    read_rows,
)

Cells = dict[str, object]


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    def write(**sheets: Cells) -> Path:
        book = openpyxl.Workbook()
        assert book.active is not None
        book.remove(book.active)
        for name, cells in sheets.items():
            sheet = book.create_sheet(name)
            for place, value in cells.items():
                sheet[place] = value
        path = tmp_path / "list.xlsx"
        book.save(path)
        return path

    return write


def test_cells_come_out_as_people_type_them(save: Callable[..., Path]) -> None:
    path = save(
        Data={
            "B3": "Nama",
            "C3": "No HP",
            "D3": "Lahir",
            "B5": "Budi",
            "C5": 8259106096,
            "D5": dt.date(1990, 2, 1),
            "B6": "'=x",
            "C6": 6281234567890.0,
            "D6": dt.datetime(1990, 2, 1, 13, 5),  # noqa: DTZ001 - a spreadsheet cell has no time zone
            "C7": 1.5,
            "B7": True,
            "D7": dt.time(8, 30),
        }
    )
    fmt = detect(path)
    assert (fmt.kind, fmt.header, fmt.sheet) == ("xlsx", ("", "Nama", "No HP", "Lahir"), "Data")
    assert map_columns(fmt).indexes(Field.PHONE) == (2,)
    rows = list(read_rows(path, fmt))
    assert [(row.number, row.cells[1:]) for row in rows] == [
        (5, ("Budi", "8259106096", "1990-02-01")),
        (6, ("=x", "6281234567890", "1990-02-01 13:05:00")),
        (7, ("TRUE", "1.5", "08:30:00")),
    ]
    assert list(read_rows(path, fmt, after=rows[0].checkpoint)) == rows[1:]


def test_the_first_sheet_with_anything_is_read_unless_another_is_named(save: Callable[..., Path]) -> None:
    path = save(Kosong={}, Isi={"A1": "HP", "A2": "0812"}, Lain={"A1": "Nama", "A2": "Budi"})
    assert (detect(path).sheet, detect(path).sheets) == ("Isi", ("Kosong", "Isi", "Lain"))
    assert detect(path, sheet="Lain").header == ("Nama",)
    with pytest.raises(SheetNotFound):
        detect(path, sheet="Tidak ada")
    with pytest.raises(EmptyFile):
        detect(path, sheet="Kosong")
    with pytest.raises(EmptyFile):
        detect(save(Kosong={}))


def rebuilt(path: Path, **parts: bytes) -> Path:
    """Write the workbook again with some parts replaced; a double underscore stands for a slash."""
    wanted = {name.replace("__", "/").replace("_xml", ".xml"): content for name, content in parts.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, wanted.get(name) or old.read(name))
    path.write_bytes(buffer.getvalue())
    return path


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("sheet", "error"),
    [
        (SHEET.format(" " * 12_000_000), WorkbookTooLarge),
        ('<!DOCTYPE x [<!ENTITY a "b">]>' + SHEET.format(""), CorruptWorkbook),
        (SHEET.format('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>'), TooManyColumns),
        (
            SHEET.format('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="Z1048576"><v>1</v></c></row>'),
            WorkbookTooLarge,
        ),
        (SHEET.format("<row><c"), CorruptWorkbook),
        ("no markup at all", EmptyFile),
    ],
)
def test_a_sheet_that_is_unsafe_or_damaged_is_refused(
    save: Callable[..., Path], sheet: str, error: type[UnreadableFile]
) -> None:
    path = rebuilt(save(Data={"A1": "HP", "A2": "0812"}), xl__worksheets__sheet1_xml=sheet.encode())
    with pytest.raises(UnreadableFile) as caught:
        detect(path)
    assert type(caught.value) in {error, CorruptWorkbook}


def test_archives_that_are_no_xlsx_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    for part, error in (
        ("xl/workbook.bin", UnsupportedWorkbook),
        ("content.xml", UnsupportedWorkbook),
        ("readme.txt", NotATable),
        ("xl/workbook.xml", CorruptWorkbook),
    ):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(part, "x")
        with pytest.raises(error):
            detect(path)


def test_a_damaged_or_encrypted_archive_is_refused(save: Callable[..., Path]) -> None:
    path = save(Data={"A1": "HP", "A2": "0812"})
    content = path.read_bytes()
    for size in (10, 500, len(content) // 2, len(content) - 10):
        path.write_bytes(content[:size])
        with pytest.raises(CorruptWorkbook):
            detect(path)
    damaged = bytearray(content)
    for place in range(200, len(damaged) - 2000, 97):
        damaged[place] ^= 0xFF
    path.write_bytes(bytes(damaged))
    with pytest.raises(UnreadableFile):
        detect(path)
    # Bit 0 of the flags in each central directory entry marks an encrypted part.
    locked = bytearray(content)
    place = locked.find(b"PK\x01\x02")
    while place >= 0:
        locked[place + 8] |= 1
        place = locked.find(b"PK\x01\x02", place + 4)
    path.write_bytes(bytes(locked))
    with pytest.raises(EncryptedWorkbook):
        detect(path)


def test_one_part_named_twice_is_refused(save: Callable[..., Path]) -> None:
    path = save(Data={"A1": "HP", "A2": "0812"})
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/workbook.xml", "x")
    with pytest.raises(CorruptWorkbook):
        detect(path)


def test_a_huge_cell_costs_its_row_only(save: Callable[..., Path]) -> None:
    path = save(Data={"A1": "HP", "A2": "0812", "A3": "0813"})
    text = "x" * 70_000
    row = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>{1}</t></is></c></row>'
    sheet = SHEET.format(row.format(1, "HP") + row.format(2, text) + row.format(3, "0813"))
    rebuilt(path, xl__worksheets__sheet1_xml=sheet.encode())
    assert [row.problem for row in read_rows(path, detect(path))] == ["cell_too_large", None]
