"""Rows: numbers, checkpoints, limits, broken rows, and flat memory."""

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blazz.kernel.errors import LOCALES
from blazz.kernel.tabular import Row, RowProblem, TabularFormat, UnreadableFile, detect, read_rows


def load(folder: Path, content: bytes) -> tuple[Path, TabularFormat, list[Row]]:
    path = folder / "list.csv"
    path.write_bytes(content)
    fmt = detect(path)
    return path, fmt, list(read_rows(path, fmt))


def test_rows_carry_the_number_the_spreadsheet_shows(tmp_path: Path) -> None:
    _, _, rows = load(tmp_path, b'Nama,HP\nBudi,0812\n\n"Ani\nWati",0813\n , \nEka,0814')
    assert [(row.number, row.cells[0]) for row in rows] == [(2, "Budi"), (4, "Ani\nWati"), (6, "Eka")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "cp1252"])
def test_reading_goes_on_after_any_row_as_if_never_interrupted(tmp_path: Path, encoding: str) -> None:
    text = (
        'Nama;HP\r\nJosé;0812\r\n\r\n"Ani\r\nWati";0813\r\n"Eka;0814\r\n' + "x" * 1_400_000 + "\r\nÉa;0815\r\nTio;0816"
    )
    if encoding == "utf-16":
        text = text.replace("Ani", "Ani \U0001f600").replace("xx", "\U0001f600", 500)
    path, fmt, rows = load(tmp_path, text.encode(encoding))
    assert [row.problem for row in rows].count(RowProblem.ROW_TOO_LARGE) == 1
    assert [row.problem for row in rows].count(RowProblem.UNCLOSED_QUOTE) == 1
    assert rows[-1].cells == ("Tio", "0816")
    for index, row in enumerate(rows):
        assert list(read_rows(path, fmt, after=row.checkpoint)) == rows[index + 1 :]


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (b'"Budi,0812', RowProblem.UNCLOSED_QUOTE),
        (b"Budi," + b"x" * 70_000, RowProblem.CELL_TOO_LARGE),
        (b'Budi,"' + b"x" * 200_000 + b'"', RowProblem.CELL_TOO_LARGE),
        (b'Budi,"' + b"x" * 10_000_000 + b'"', RowProblem.ROW_TOO_LARGE),
        (b"a," * 600 + b"b", RowProblem.ROW_TOO_WIDE),
        (b"Budi \xff,0812", RowProblem.UNDECODABLE_TEXT),
    ],
)
@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_a_broken_row_is_rejected_and_the_rows_around_it_are_read(
    tmp_path: Path, broken: bytes, problem: RowProblem, newline: bytes
) -> None:
    _, fmt, rows = load(tmp_path, newline.join(["Nämé,HP".encode(), b"Ani,0811", broken, b'Eka,"0813"', b"Tio,0814"]))
    assert fmt.encoding == "utf-8"
    assert [row.problem for row in rows] == [None, problem, None, None]
    assert [row.cells[0] for row in rows[2:]] == ["Eka", "Tio"]
    assert [row.number for row in rows] == [2, 3, 4, 5]
    assert all(len(cell) <= 200 for cell in rows[1].cells)


def test_a_broken_last_row_is_rejected_too(tmp_path: Path) -> None:
    _, _, rows = load(tmp_path, b'Nama,HP\nAni,0811\nBudi,"0812')
    assert [row.problem for row in rows] == [None, RowProblem.UNCLOSED_QUOTE]


def test_quotes_inside_a_cell_are_kept_and_nul_characters_go(tmp_path: Path) -> None:
    _, _, rows = load(tmp_path, b'Nama,HP\nBudi "Bos" S,08\x0012\n"Ani ""A""",0813\n')
    assert [row.cells for row in rows] == [('Budi "Bos" S', "0812"), ('Ani "A"', "0813")]


def test_a_large_file_is_read_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write("Nama,HP\n")
        file.writelines(f"Pelanggan {n},0812{n:07d}\n" for n in range(150_000))
    fmt = detect(path)
    tracemalloc.start()
    count = sum(1 for _ in read_rows(path, fmt))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 150_000
    assert peak < 8_000_000


def test_a_quote_that_swallows_a_whole_file_costs_one_row(tmp_path: Path) -> None:
    lines = [f"Orang {n},0812{n:07d}" for n in range(30_000)]
    lines[10] = '"' + lines[10]
    _, _, rows = load(tmp_path, ("Nama,HP\n" + "\n".join(lines)).encode())
    assert len(rows) == 30_000
    assert [row.number for row in rows if row.problem] == [12]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(st.binary(max_size=400), st.text(alphabet="ab,;\"\n\r\t\0'=é081", max_size=200).map(str.encode))
)
def test_any_bytes_are_read_or_refused_and_every_line_is_accounted_for(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    try:
        fmt = detect(path)
    except UnreadableFile:
        return
    rows = list(read_rows(path, fmt))
    numbers = [row.number for row in rows]
    assert numbers == sorted(set(numbers))
    assert all(row.offset <= len(content) for row in rows)
    for row in rows[:3]:
        assert list(read_rows(path, fmt, after=row.checkpoint)) == rows[rows.index(row) + 1 :]


def test_every_row_problem_has_a_sentence_in_each_language() -> None:
    for problem in RowProblem:
        assert len({problem.message(locale) for locale in LOCALES}) == 2
