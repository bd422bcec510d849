"""Contacts from the shell: one by one, by lists that are checked first, and in groups and categories."""

from pathlib import Path

import pytest

from tests.cli.conftest import Shell

LIST = """Nama;No HP;Kota
Budi Raharjo;0812-9999-0001;Solo
Ani;+62 812 9999 0002;Medan
Ani lagi;081299990002;Medan
Salah;O812abc;Bogor
Pendek;0812;Bogor
"""


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A messy list."""
    file = tmp_path / "pelanggan.csv"
    file.write_text(LIST, encoding="utf-8")
    return file


async def test_a_contact_is_added_found_shown_and_deleted(shell: Shell, served: str) -> None:
    await shell("contacts", "groups", "create", "Reseller")
    await shell("contacts", "categories", "create", "VIP")
    made = await shell(
        *("contacts", "add", "0812-9999-0001", "--name", "Budi Raharjo", "--group", "reseller", "--category", "vip"),
        *("--attribute", "size=XL", "--json"),
    )
    assert (made.code, made.told["phone"], made.told["attributes"]) == (0, "+6281299990001", {"size": "XL"})
    for words in ("raharjo", "99990001"):
        assert [one["id"] for one in (await shell("contacts", "search", words, "--json")).items] == [made.told["id"]]
    shown = await shell("contacts", "show", "0812 9999 0001")
    assert all(text in shown.out for text in ("Budi Raharjo", "VIP", "size", "XL", "0812-9999-0001"))
    assert len((await shell("contacts", "list", "--group", "Reseller", "--category", "VIP", "--json")).items) == 1
    assert (await shell("contacts", "list", "--category", "none", "--json")).items == []
    assert (await shell("contacts", "delete", made.told["id"])).code == 2
    assert (await shell("contacts", "delete", "081299990001", "--yes")).code == 0
    assert (await shell("contacts", "show", "081299990001")).code == 3
    assert (await shell("contacts", "restore", made.told["id"])).code == 0
    assert "Budi Raharjo" in (await shell("contacts", "list")).out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["contacts", "add", "12"], 2, "invalid_phone"),
        (["contacts", "add", "081299990009", "--group", "Nobody"], 3, "no group “Nobody”"),
        (["contacts", "add", "081299990009", "--category", "Nobody"], 3, "no category “Nobody”"),
        (["contacts", "add", "081299990009", "--attribute", "size"], 2, "name=value"),
        (["contacts", "show", "081299990009"], 3, "contact_not_found"),
        (["contacts", "search", "x"], 2, "fragment_too_short"),
        (["contacts", "restore", "con_" + "0" * 26], 3, "contact_not_found"),
        (["contacts", "import", "nowhere.csv"], 3, "no such file"),
        (["contacts", "undo", "imp_" + "0" * 26, "--yes"], 3, "import_not_found"),
        (["contacts", "groups", "add", "Nobody", "081299990009"], 3, "no group"),
    ],
)
async def test_what_cannot_be_done_is_refused_by_name(
    shell: Shell, served: str, arguments: list[str], code: int, said: str
) -> None:
    ended = await shell(*arguments)
    assert (ended.code, said in ended.err, ended.out) == (code, True, "")


async def test_a_number_belongs_to_one_contact(shell: Shell, served: str) -> None:
    await shell("contacts", "add", "081299990001")
    again = await shell("contacts", "add", "+6281299990001")
    assert (again.code, "duplicate_contact" in again.err) == (5, True)


async def test_who_wants_no_marketing_is_recorded_with_the_reason(shell: Shell, served: str) -> None:
    await shell("contacts", "add", "081299990001")
    assert (await shell("contacts", "list", "--opted-out", "--json")).items == []
    out = await shell("contacts", "opt-out", "081299990001", "--reason", "by phone", "--json")
    assert out.told["opted_out_at"] is not None
    assert len((await shell("contacts", "list", "--opted-out", "--json")).items) == 1
    assert "opted out" in (await shell("contacts", "list")).out
    back = await shell("contacts", "opt-in", "081299990001", "--reason", "form", "--json")
    assert back.told["opted_out_at"] is None


async def test_long_lists_say_that_there_is_more(shell: Shell, served: str) -> None:
    for last in range(3):
        await shell("contacts", "add", f"08129999000{last}")
    some = await shell("contacts", "list", "--limit", "2")
    assert "The first 2 are shown" in some.err
    assert len((await shell("contacts", "list", "--all", "--json")).items) == 3
    assert (await shell("contacts", "search", "nobody")).err == "Nobody is found.\n"


async def test_groups_and_categories_are_kept(shell: Shell, served: str) -> None:
    assert "no groups yet" in (await shell("contacts", "groups", "list")).err
    await shell("contacts", "groups", "create", "Reseller", "--description", "Sells on")
    taken = await shell("contacts", "groups", "create", "reseller")
    assert (taken.code, "name_taken" in taken.err) == (5, True)
    for phone in ("081299990001", "081299990002"):
        await shell("contacts", "add", phone)
    added = await shell("contacts", "groups", "add", "Reseller", "081299990001", "081299990002", "--json")
    assert added.told["changed"] == 2
    removed = await shell("contacts", "groups", "remove", "Reseller", "081299990001")
    assert removed.err == "Removed: 1.\n"
    assert "Sells on" in (await shell("contacts", "groups", "list")).out
    assert (await shell("contacts", "groups", "delete", "Reseller")).code == 2
    assert (await shell("contacts", "groups", "delete", "Reseller", "--yes")).code == 0
    await shell("contacts", "categories", "create", "VIP")
    await shell("contacts", "add", "081299990003", "--category", "VIP")
    full = await shell("contacts", "categories", "delete", "VIP", "--yes")
    assert (full.code, "category_move_needed" in full.err) == (2, True)
    moved = await shell("contacts", "categories", "delete", "VIP", "--uncategorise", "--yes", "--json")
    assert moved.told["moved"] == 1
    assert "no categories yet" in (await shell("contacts", "categories", "list")).err


async def test_a_dry_run_shows_what_was_cleaned_and_why_and_stores_nothing(
    shell: Shell, served: str, worker: None, people: Path
) -> None:
    ended = await shell("contacts", "import", people, "--dry-run")
    assert ended.code == 0, ended.err
    for text in (
        "No HP",
        "phone",
        "new people",
        "twice in the file",
        "contains letters",
        "too short",
        "Salah | O812abc",
    ):
        assert text in ended.out, text
    assert "Nothing was stored" in ended.err
    assert (await shell("contacts", "list", "--json")).items == []
    told = (await shell("contacts", "import", people, "--dry-run", "--json")).told
    reasons, counts = told["reasons"], told["counts"]
    assert isinstance(reasons, list)
    assert isinstance(counts, dict)
    assert (counts["created"], counts["invalid"], counts["duplicate"], len(reasons)) == (2, 2, 1, 3)


async def test_an_import_is_stored_reported_and_undone(
    shell: Shell, served: str, worker: None, people: Path, tmp_path: Path
) -> None:
    await shell("contacts", "groups", "create", "Pameran")
    assert "Nothing was imported yet" in (await shell("contacts", "imports")).err
    errors = tmp_path / "errors.csv"
    ended = await shell(
        *("contacts", "import", people, "--group", "Pameran", "--consent", "form", "--error-file", errors, "--yes")
    )
    assert ended.code == 0, ended.err
    assert len((await shell("contacts", "list", "--group", "Pameran", "--json")).items) == 2
    lines = errors.read_text(encoding="utf-8-sig").splitlines()
    assert (len(lines), "O812abc" in lines[2] or "O812abc" in lines[1]) == (4, True)
    [job] = (await shell("contacts", "imports", "--json")).items
    assert (job["status"], "pelanggan.csv" in (await shell("contacts", "imports")).out) == ("completed", True)
    asked = await shell("contacts", "undo", job["id"])
    assert (asked.code, "--yes" in asked.err) == (2, True)
    undone = await shell("contacts", "undo", job["id"], "--yes", "--json")
    assert (undone.code, undone.told["status"]) == (0, "undone")
    assert (await shell("contacts", "list", "--json")).items == []
    again = await shell("contacts", "undo", job["id"], "--yes")
    assert (again.code, "import_state" in again.err) == (5, True)


async def test_an_import_asks_before_it_stores(shell: Shell, served: str, worker: None, people: Path) -> None:
    ended = await shell("contacts", "import", people)
    assert (ended.code, "Import 2 people?" in ended.err, "--yes" in ended.err) == (2, True, True)
    assert (await shell("contacts", "list", "--json")).items == []


async def test_a_list_without_a_usable_row_fails_and_still_explains(
    shell: Shell, served: str, worker: None, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_text("Nama;No HP\nSalah;O812abc\n", encoding="utf-8")
    errors = tmp_path / "errors.csv"
    ended = await shell("contacts", "import", file, "--yes", "--error-file", errors)
    assert (ended.code, "No row of this file can be used" in ended.err) == (1, True)
    assert "contains letters" in ended.out
    assert "O812abc" in errors.read_text(encoding="utf-8-sig")


async def test_a_column_that_was_taken_wrongly_can_be_named(
    shell: Shell, served: str, worker: None, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_text("Nama;Kode\nBudi;081299990001\n", encoding="utf-8")
    unclear = await shell("contacts", "import", file, "--dry-run", "--column", "Kode=notes")
    assert (unclear.code, "phone_column_missing" in unclear.err) == (2, True)
    ended = await shell("contacts", "import", file, "--yes", "--column", "Kode=phone", "--json")
    assert ended.code == 0, ended.err
    assert len((await shell("contacts", "list", "--json")).items) == 1


async def test_a_file_that_is_no_table_is_refused(shell: Shell, served: str, tmp_path: Path) -> None:
    file = tmp_path / "empty.csv"
    file.write_text("")
    ended = await shell("contacts", "import", file, "--yes")
    assert (ended.code, "[" in ended.err) == (2, True)
    assert (await shell("contacts", "import", tmp_path)).code == 2


async def test_a_file_too_large_to_send_is_handed_over_on_the_server(
    shell: Shell, served: str, worker: None, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blazz.cli.contacts_import._LARGEST_UPLOAD", 10)
    refused = await shell("contacts", "import", people, "--yes")
    assert (refused.code, "--local" in refused.err) == (2, True)
    ended = await shell("contacts", "import", people, "--yes", "--local")
    assert ended.code == 0, ended.err
    assert len((await shell("contacts", "list", "--json")).items) == 2


async def test_an_error_file_that_cannot_be_written_is_told(
    shell: Shell, served: str, worker: None, people: Path, tmp_path: Path
) -> None:
    ended = await shell("contacts", "import", people, "--dry-run", "--error-file", tmp_path / "no" / "where.csv")
    assert (ended.code, "Cannot write" in ended.err) == (1, True)
