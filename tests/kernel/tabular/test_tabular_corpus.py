"""Two hundred malformed files: none crashes the reader, and accepted plus rejected is the number of rows, always."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from blazz.kernel.tabular import UnreadableFile, detect, map_columns, read_rows

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
DELIMITERS = (",", ";", "\t", "|")


class Case(NamedTuple):
    """A file and what must come out: rows read well, rows rejected; None when the file as a whole is refused."""

    name: str
    content: bytes
    accepted: int | None
    rejected: int


def table(delimiter: str, rows: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    names = ("Budi", "Ani", "Siti Nurhaliza", "José", "Zoë", "D'Angelo", "Made")
    lines = [delimiter.join(("Nama", "No HP", "Kota", "Catatan"))]
    for _ in range(rows):
        quoted = f'"Jl. {delimiter} {rng.randrange(99)}"'
        lines.append(delimiter.join((rng.choice(names), f"0812{rng.randrange(10**8):08d}", "Solo", quoted)))
    return lines


def sound_files() -> Iterator[Case]:
    for encoding in ENCODINGS:
        for delimiter in DELIMITERS:
            for newline in ("\n", "\r\n", "\r"):
                lines = table(delimiter, 12, len(encoding))
                text = newline.join(lines) + newline
                yield Case(f"{encoding} {delimiter!r} {newline!r}", text.encode(encoding), 12, 0)


def damaged(delimiter: str, seed: int) -> Iterator[Case]:
    lines = table(delimiter, 20, seed)

    def case(name: str, line: str, *, rejected: int) -> Case:
        changed = [*lines[:8], line, *lines[8:]]
        return Case(f"{name} {delimiter!r}", "\n".join(changed).encode(), 21 - rejected, rejected)

    yield case("unclosed quote", f'"Budi{delimiter}0812', rejected=1)
    yield case("unclosed quote in the last cell", f'Budi{delimiter}0812{delimiter}"Solo', rejected=1)
    yield case("text after a closed quote", f'"Budi" S{delimiter}0812{delimiter}Solo', rejected=0)
    yield case("giant field", f"Budi{delimiter}{'9' * 100_000}", rejected=1)
    yield case("field of two megabytes", f'"{"x" * 2_000_000}"{delimiter}0812', rejected=1)
    yield case("5,000 columns in one row", delimiter.join(["x"] * 5000), rejected=1)
    yield case("nul", f"Bu\0di{delimiter}08\x0012", rejected=0)
    yield case("formula", f"=cmd|' /C calc'!A0{delimiter}+62812{delimiter}@SUM(A1){delimiter}-1", rejected=0)
    yield case("right-to-left marks", f"\u202eidub{delimiter}\u200f0812{delimiter}\u2067Solo\u2069", rejected=0)
    yield case("mojibake", f"JosÃ©{delimiter}0812{delimiter}Ä°stanbul", rejected=0)
    yield case("more cells than columns", delimiter.join(["Budi", "0812", *["x"] * 40]), rejected=0)
    yield case("fewer cells than columns", "Budi", rejected=0)
    yield case("line separators that are no line ends", f"Bu\u2028di\x0b\x0c\x85{delimiter}0812", rejected=0)
    yield case("emoji", f"Budi \U0001f600{delimiter}0812", rejected=0)
    yield Case("blank lines", "\n\n".join(lines).encode(), 20, 0)
    yield Case("no last line end", "\n".join(lines).encode(), 20, 0)
    yield Case("duplicate headers", "\n".join([delimiter.join(["Nama"] * 4), *lines[1:]]).encode(), 20, 0)
    yield Case("blank headers", "\n".join([delimiter.join(["Nama", "", "", ""]), *lines[1:]]).encode(), 20, 0)
    yield Case("no header", "\n".join(lines[1:]).encode(), 20, 0)
    yield Case("quoted newlines", "\n".join([*lines, f'"Ani\n\nWati"{delimiter}"08\r\n13"']).encode(), 21, 0)
    yield Case(
        "invalid bytes", "\n".join(lines).encode() + b"\n" + b"\xff\xfe\x80" + delimiter.encode() + b"0812", 20, 1
    )
    yield Case("header only", lines[0].encode(), 0, 0)


def refused_files() -> Iterator[Case]:
    for seed in range(30):
        rng = random.Random(seed)
        yield Case(f"random bytes {seed}", b"\x01\x02" + rng.randbytes(4000), None, 0)
    yield Case("empty", b"", None, 0)
    yield Case("marks only", b"\xff\xfe", None, 0)
    yield Case("blank", b"\n" * 999, None, 0)
    yield Case("nul only", b"\0" * 999, None, 0)
    yield Case("utf-32", "Nama,HP\n".encode("utf-32-le"), None, 0)
    yield Case("5,000 columns", (",".join(f"k{n}" for n in range(5000)) + "\n").encode() * 3, None, 0)
    yield Case("a zip that is no workbook", b"PK\x03\x04" + b"x" * 100, None, 0)


def corpus() -> list[Case]:
    return [*sound_files(), *(case for n, d in enumerate(DELIMITERS) for case in damaged(d, n)), *refused_files()]


def test_no_malformed_file_crashes_the_reader_and_every_row_is_accounted_for(tmp_path: Path) -> None:
    cases = corpus()
    assert len(cases) >= 195
    path = tmp_path / "list.csv"
    for case in cases:
        path.write_bytes(case.content)
        if case.accepted is None:
            with pytest.raises(UnreadableFile):
                detect(path)
            continue
        fmt = detect(path)
        map_columns(fmt)
        rows = list(read_rows(path, fmt))
        rejected = sum(row.problem is not None for row in rows)
        assert (len(rows) - rejected, rejected) == (case.accepted, case.rejected), case.name
        assert all("\0" not in cell for row in rows for cell in row.cells), case.name
