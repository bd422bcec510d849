"""The sample list: the same bytes every time, and every kind of trouble in it exactly as often as stated."""

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from blazz.kernel.phone import Phone, PhoneRefusal, PhoneWarning, normalise_phone
from blazz.kernel.tabular import Field, detect, map_columns, read_rows
from samples.make_contacts import DUPLICATES, HEADER, PEOPLE, REFUSED, SEED, SPELLINGS, build_file, build_rows

SAMPLE = Path(__file__).parents[3] / "samples" / "contacts.csv"
CODES = {
    "letters": 52,
    "several_numbers": 50,
    "digits_lost": 40,
    "country_unclear": 35,
    "too_short": 35,
    "too_long": 25,
    "invalid_mobile": 10,
    "short_code": 10,
    "toll_free": 10,
    "universal_access": 5,
    "premium_rate": 3,
    "empty": 25,
}


def test_making_the_sample_again_gives_the_same_bytes(tmp_path: Path) -> None:
    assert build_file() == SAMPLE.read_bytes()
    script = SAMPLE.with_name("make_contacts.py")
    again = tmp_path / "again.csv"
    subprocess.run(
        [sys.executable, str(script), "--output", str(again), "--seed", str(SEED)], check=True, capture_output=True
    )
    assert again.read_bytes() == SAMPLE.read_bytes()
    assert build_file(SEED + 1) != build_file()


def test_every_kind_of_trouble_occurs_as_often_as_stated() -> None:
    counts = Counter(row.trouble for row in build_rows())
    expected = {name: count for table in (SPELLINGS, REFUSED) for name, (count, _) in table.items()}
    expected |= {"landline": 20, "foreign": 20, "duplicate": 200, "plain": 1300}
    assert counts == expected
    assert counts.total() == 5000


@pytest.mark.parametrize("seed", [SEED, 1, 2, 3])
def test_every_number_comes_out_as_the_maker_meant_it(seed: int) -> None:
    rows = build_rows(seed)
    for row in rows:
        result = normalise_phone(row.cells[1])
        assert (result.e164 if isinstance(result, Phone) else None) == row.e164, (row.trouble, row.cells[1], result)
    people = Counter(row.e164 for row in rows if row.e164)
    assert len(people) == PEOPLE
    assert sorted(people.values())[-DUPLICATES - 1 :] == [1] + [2] * DUPLICATES


def test_the_committed_file_reads_with_exact_counts() -> None:
    fmt = detect(SAMPLE)
    assert (fmt.encoding, fmt.delimiter, fmt.header, fmt.columns) == ("utf-8", ";", HEADER, 7)
    mapping = map_columns(fmt)
    fields = [Field.NAME, Field.PHONE, Field.EMAIL, Field.CITY, Field.CATEGORY, Field.GROUPS, Field.NOTES]
    assert [column.field for column in mapping.columns] == fields
    rows = list(read_rows(SAMPLE, fmt))
    assert [row.problem for row in rows] == [None] * 5000
    assert [row.number for row in rows] == list(range(2, 5002))
    results = [normalise_phone(row.cells[1]) for row in rows]
    phones = [result for result in results if isinstance(result, Phone)]
    assert (len(phones), len({phone.e164 for phone in phones})) == (4700, 4500)
    assert Counter(result.code for result in results if isinstance(result, PhoneRefusal)) == CODES
    warnings = Counter(warning for phone in phones for warning in phone.warnings)
    assert (warnings[PhoneWarning.LANDLINE], warnings[PhoneWarning.EXTENSION_DROPPED]) == (20, 20)
    assert warnings[PhoneWarning.COUNTRY_ASSUMED] >= 350


def test_the_sample_is_messy_beyond_its_numbers() -> None:
    fmt = detect(SAMPLE)
    rows = [row.cells for row in read_rows(SAMPLE, fmt)]
    assert {row[4] for row in rows} == {"Pelanggan VIP", "Pelanggan VIP 2", "Pelanggan Reguler", "Prospek", "Lead", ""}
    assert sum("\n" in row[6] for row in rows) >= 50
    assert any(row[6].startswith("=") for row in rows)
    assert any(";" in row[5] for row in rows)
    with SAMPLE.open(encoding="utf-8-sig", newline="") as file:
        assert sum(1 for _ in csv.reader(file, delimiter=";")) == 5001
    # No two people share an address; only the second spelling of a person repeats one.
    owners: dict[str, set[str]] = {}
    for made in build_rows():
        if made.cells[2]:
            owners.setdefault(made.cells[2], set()).add(made.e164 or made.cells[1])
    assert all(len(numbers) == 1 for numbers in owners.values())
