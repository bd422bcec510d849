"""Columns: synonyms in two languages, duplicates, headerless files, and a person's own mapping."""

from pathlib import Path

import pytest

from blazz.kernel.tabular import Checkpoint, ColumnMapUnclear, Field, TabularFormat, detect, map_columns


def table(*header: str) -> TabularFormat:
    return TabularFormat(
        kind="csv",
        encoding="utf-8",
        delimiter=",",
        header=header,
        start=Checkpoint(number=1, offset=0),
        columns=len(header),
        preview=(),
    )


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("No HP", "phone"),
        ("no_hp", "phone"),
        ("NOMOR WA", "phone"),
        ("Nomor WhatsApp", "phone"),
        ("No. Telp", "phone"),
        ("Telp", "phone"),
        ("No.HP/WA", "phone"),
        ("noWA", "phone"),
        ("phoneNumber", "phone"),
        ("Phone Number", "phone"),
        ("Mobile", "phone"),
        ("No HP (yang aktif)", "phone"),
        ("ＮＯ ＨＰ", "phone"),
        ("Nama Pelanggan", "name"),
        ("nama", "name"),
        ("Full Name", "name"),
        ("Nama Depan", "first_name"),
        ("lastName", "last_name"),
        ("E-mail", "email"),
        ("Alamat Email", "email"),
        ("Kota/Kabupaten", "city"),
        ("Kota", "city"),
        ("City", "city"),
        ("Kategori", "category"),
        ("Segment", "category"),
        ("Grup", "groups"),
        ("Labels", "groups"),
        ("Catatan", "notes"),
        ("Keterangan", "notes"),
        ("ID Pelanggan", "external_id"),
        ("Perusahaan", "company"),
        ("Tgl. Lahir", "birthday"),
        ("Birth Date", "birthday"),
        ("_reason", "ignore"),
        ("Nama Produk", "custom"),
        ("Tanggal Order", "custom"),
        ("Ukuran Baju", "custom"),
        ("No", "custom"),
    ],
)
def test_a_header_is_recognised_in_either_language(header: str, field: str) -> None:
    assert map_columns(table(header)).columns[0].field == field


def test_of_several_phone_columns_the_whatsapp_one_wins_and_the_others_are_kept() -> None:
    mapping = map_columns(table("Telp", "Nama", "No WA", "Telp", "Nama", "", "Grup", "Tag"))
    assert [column.key for column in mapping.columns] == [
        "telp",
        "name",
        "phone",
        "telp_2",
        "nama",
        "column_6",
        "groups",
        "groups",
    ]
    assert mapping.indexes(Field.GROUPS) == (6, 7)


def test_values_are_picked_by_key_and_groups_are_joined() -> None:
    mapping = map_columns(table("No WA", "Nama", "Grup", "Tag", "Ukuran"))
    assert mapping.values([" 0812 ", "", "A", "B", "XL", "left over"]) == {
        "phone": "0812",
        "groups": "A;B",
        "ukuran": "XL",
    }
    assert mapping.values(["0812"]) == {"phone": "0812"}


def test_a_headerless_file_is_mapped_by_what_its_columns_hold(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("1;budi@contoh.id;Budi;0812-3456-7890\n2;;Ani;0813 1111 2222\n")
    mapping = map_columns(detect(path))
    assert [column.key for column in mapping.columns] == ["column_1", "email", "name", "phone"]


def test_a_person_decides_what_a_column_is() -> None:
    mapping = map_columns(
        table("Telp", "No WA", "Kode", "Kota", "X"),
        {"telp": "phone", "#3": "custom:Kode Promo", "Kota": "ignore", "#5": "city"},
    )
    assert [column.key for column in mapping.columns] == ["phone", "no_wa", "kode_promo", "ignore", "city"]
    assert [column.chosen for column in mapping.columns] == [True, False, True, True, True]


@pytest.mark.parametrize(
    ("overrides", "codes"),
    [
        ({"Tidak ada": "phone"}, ["unknown_column"]),
        ({"#9": "phone", "#0": "name"}, ["unknown_column", "unknown_column"]),
        ({"Telp": "telephone"}, ["unknown_field"]),
        ({"Telp": "custom:"}, ["unknown_field"]),
        ({"Nama": "name"}, ["ambiguous_column"]),
        ({"#1": "phone", "#2": "phone"}, ["duplicate_field"]),
    ],
)
def test_a_mapping_that_fits_no_column_is_refused_naming_the_entry(overrides: dict[str, str], codes: list[str]) -> None:
    with pytest.raises(ColumnMapUnclear) as caught:
        map_columns(table("Telp", "Nama", "Nama"), overrides)
    assert [problem.code for problem in caught.value.problems] == codes
    assert all(problem.pointer.startswith("/mapping") for problem in caught.value.problems)
