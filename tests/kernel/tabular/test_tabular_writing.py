"""Files on the way out: no cell starts a formula, and reading gives back what was written."""

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blazz.kernel.phone import Phone, normalise_phone
from blazz.kernel.tabular import CsvWriter, detect, guard_cell, read_rows, unguard_cell, write_csv_row

TRIGGERS = "=+-@\t\r\0\uff1d\uff0b\uff0d\uff20"
PAYLOADS = [
    *(trigger + rest for trigger in TRIGGERS for rest in ("cmd|' /C calc'!A0", "SUM(1)", "6281234567890", "")),
    "'=1+1",
    "''@x",
    '=HYPERLINK("http://x";"y")',
    "=1\n=2",
    "-2+3,;|",
    "'",
]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_no_written_cell_starts_a_formula_and_reading_undoes_the_guard(payload: str, delimiter: str) -> None:
    assert len(PAYLOADS) >= 50
    guarded = guard_cell(payload)
    assert not guarded.startswith(tuple(TRIGGERS))
    assert unguard_cell(guarded) == payload
    line = write_csv_row(["a", payload], delimiter=delimiter)
    assert line.endswith("\r\n")
    assert line[2:].lstrip('"')[:1] not in set(TRIGGERS)


@given(cell=st.text(alphabet=st.characters() | st.sampled_from("'" + TRIGGERS)))
def test_the_guard_is_exactly_undone_for_any_text(cell: str) -> None:
    assert unguard_cell(guard_cell(cell)) == cell


ROWS = st.lists(
    st.lists(
        st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
        min_size=2,
        max_size=2,
    ),
    min_size=1,
    max_size=6,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, bom=st.booleans(), delimiter=st.sampled_from(",;\t|"))
def test_an_export_is_read_back_identically(tmp_path: Path, rows: list[list[str]], bom: bool, delimiter: str) -> None:
    path = tmp_path / "export.csv"
    with path.open("wb") as file:
        writer = CsvWriter(file, delimiter=delimiter, bom=bom)
        writer.write_row(["Nama", "No HP"])
        writer.write_rows(rows)
    fmt = detect(path, encoding="utf-8", delimiter=delimiter, has_header=True)
    read = [row.cells for row in read_rows(path, fmt)]
    assert read == [tuple(row) for row in rows if "".join(row).strip()]


def test_a_phone_survives_the_way_out_and_back(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    stream = io.BytesIO()
    CsvWriter(stream, bom=True).write_rows([["Nama", "No HP"], ["Budi", "+6281234567890"]])
    assert stream.getvalue() == b"\xef\xbb\xbfNama,No HP\r\nBudi,'+6281234567890\r\n"
    path.write_bytes(stream.getvalue())
    row = next(iter(read_rows(path, detect(path))))
    assert row.cells == ("Budi", "+6281234567890")
    # Even a program that does not undo the guard gives us a readable number.
    phone = normalise_phone("'+6281234567890")
    assert isinstance(phone, Phone)
    assert phone.e164 == "+6281234567890"
