"""What a file is: encodings, delimiters, headers, and files that are no tables."""

from pathlib import Path

import pytest

from blazz.kernel.errors import LOCALES
from blazz.kernel.tabular import (
    BadDelimiter,
    BadEncoding,
    EmptyFile,
    EncryptedWorkbook,
    NotATable,
    TabularFormat,
    TooManyColumns,
    UnreadableFile,
    UnsupportedWorkbook,
    detect,
    read_rows,
)

TABLE = 'Nama;No HP;Kota\nJosé Ñandú;081234567890;Solo\nAni;081311112222;"Jl. A\nNo. 1"\n'


def save(folder: Path, content: bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(content)
    return path


def cells(path: Path, fmt: TabularFormat) -> list[tuple[str, ...]]:
    return [row.cells for row in read_rows(path, fmt)]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TABLE.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TABLE.encode(), "utf-8"),
        (TABLE.encode("utf-16"), "utf-16-le"),
        (TABLE.encode("utf-16-le"), "utf-16-le"),
        (TABLE.encode("utf-16-be"), "utf-16-be"),
        (b"\xfe\xff" + TABLE.encode("utf-16-be"), "utf-16-be"),
        (TABLE.encode("cp1252"), "cp1252"),
        (TABLE.encode("latin-1") + b"Eka\x81;0815;X\n", "latin-1"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_ending_gives_the_same_table(
    tmp_path: Path, content: bytes, encoding: str, newline: str
) -> None:
    text = content.decode(encoding).replace("\n", newline)
    path = save(tmp_path, text.encode(encoding))
    fmt = detect(path)
    assert (fmt.kind, fmt.encoding, fmt.delimiter) == ("csv", encoding, ";")
    assert fmt.header == ("Nama", "No HP", "Kota")
    rows = list(read_rows(path, fmt))
    assert rows[0].cells == ("José Ñandú", "081234567890", "Solo")
    assert rows[1].cells == ("Ani", "081311112222", f"Jl. A{newline}No. 1")
    assert [row.number for row in rows[:2]] == [2, 3]
    assert rows[-1].offset == path.stat().st_size


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_gives_even_columns(tmp_path: Path, delimiter: str) -> None:
    rows = [
        ["Nama", "No HP", "Alamat"],
        ["Budi, S.E.", "0812; 3456", "Jl. A | B"],
        ["Ani", "0813,5", "x"],
        ["Eka", "0814", "y"],
    ]
    text = "".join(delimiter.join(f'"{c}"' if delimiter in c else c for c in row) + "\n" for row in rows)
    path = save(tmp_path, text.encode())
    fmt = detect(path)
    assert fmt.delimiter == delimiter
    assert [list(row) for row in cells(path, fmt)] == rows[1:]


def test_a_sep_line_names_the_delimiter_and_is_not_counted(tmp_path: Path) -> None:
    path = save(tmp_path, b"sep=|\r\nNama|No HP\r\nBudi, x|0812\r\n")
    fmt = detect(path)
    assert (fmt.delimiter, fmt.header) == ("|", ("Nama", "No HP"))
    assert next(iter(read_rows(path, fmt))).number == 2


def test_a_file_whose_first_row_is_data_has_no_header(tmp_path: Path) -> None:
    for content in (b"Budi,081234567890\nAni,081311112222\n", b"081234567890\n081311112222\n", b"a@b.co;Budi\n"):
        path = save(tmp_path, content)
        fmt = detect(path)
        assert fmt.header is None
        assert next(iter(read_rows(path, fmt))).number == 1


def test_titles_and_blank_rows_above_the_header_are_passed_over(tmp_path: Path) -> None:
    path = save(tmp_path, b"Data Kontak WA 2024,,\n\nNo,Nama Pelanggan,No. Telp\n1,Budi,0812345678\n")
    fmt = detect(path)
    assert fmt.header == ("No", "Nama Pelanggan", "No. Telp")
    assert [(row.number, row.cells[1]) for row in read_rows(path, fmt)] == [(4, "Budi")]


def test_every_guess_can_be_overridden(tmp_path: Path) -> None:
    path = save(tmp_path, "Né,a;b\nx,y;z\n".encode())
    fmt = detect(path, encoding="latin-1", delimiter=",", has_header=False)
    assert (fmt.encoding, fmt.delimiter, fmt.header) == ("latin-1", ",", None)
    assert detect(path, has_header=True, delimiter=";").header == ("Né,a", "b")
    with pytest.raises(BadEncoding):
        detect(path, encoding="utf-7")
    with pytest.raises(BadDelimiter):
        detect(path, delimiter="x")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyFile),
        (b"\xef\xbb\xbf", EmptyFile),
        (b"\n \n\t\n;;;\n", EmptyFile),
        (b"sep=;\n", EmptyFile),
        (b"%PDF-1.7 ...", NotATable),
        (b"\x89PNG\r\n\x1a\n", NotATable),
        (b"\x1f\x8b\x08", NotATable),
        (b"PK\x05\x06" + b"\0" * 18, NotATable),
        (b"<!DOCTYPE html><html></html>", NotATable),
        (b'[{"phone": "0812"}]', NotATable),
        (bytes(range(256)) * 64, NotATable),
        (b"\0" * 5000, NotATable),
        ("Nama,HP\n".encode("utf-32"), BadEncoding),
        (b",".join(b"kolom%d" % n for n in range(5000)) + b"\n", TooManyColumns),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, UnsupportedWorkbook),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le"),
            EncryptedWorkbook,
        ),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_reason(
    tmp_path: Path, content: bytes, error: type[UnreadableFile]
) -> None:
    with pytest.raises(error) as caught:
        detect(save(tmp_path, content))
    assert type(caught.value) is error
    texts = {caught.value.text(locale) for locale in LOCALES}
    assert len(texts) == 2
    assert not any("{" in text for text in texts)


def test_a_text_that_is_mostly_utf8_stays_utf8_and_its_broken_row_is_rejected(tmp_path: Path) -> None:
    path = save(tmp_path, "Nama,HP\nJosé,0812\nZoë,0813\n".encode() + b"Jos\xe9,0814\nAni,0815\n")
    fmt = detect(path)
    assert fmt.encoding == "utf-8"
    assert [row.problem for row in read_rows(path, fmt)] == [None, None, "undecodable_text", None]


def test_a_file_whose_first_line_is_giant_still_gives_its_rows(tmp_path: Path) -> None:
    for content in (b"x" * 3_000_000 + b"\nNama;HP\nBudi;0812345\n", b'"' + b"x\n" * 5000 + b"Nama;HP\nBudi;0812345\n"):
        path = save(tmp_path, content)
        fmt = detect(path, delimiter=";")
        rows = list(read_rows(path, fmt))
        assert rows[-1].cells[0] == "Budi"
        assert rows[-1].offset == len(content)


def test_a_file_that_is_one_giant_line_is_one_rejected_row(tmp_path: Path) -> None:
    path = save(tmp_path, b"x" * 3_000_000)
    rows = list(read_rows(path, detect(path)))
    assert [(row.problem, row.offset) for row in rows] == [("row_too_large", 3_000_000)]
