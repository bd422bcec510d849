"""Templates from the shell: read, looked at, filled for reading, submitted and deleted."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

GOOD = {
    "name": "jam_buka",
    "language": "id",
    "category": "UTILITY",
    "components": [
        {
            "type": "BODY",
            "text": "Halo {{1}}, besok toko kami buka jam {{2}} seperti biasa ya.",
            "example": {"body_text": [["Budi", "09.00"]]},
        }
    ],
}


async def test_templates_are_listed_with_the_variables_they_need(shell: Shell, connected: str) -> None:
    listed = await shell("templates", "list")
    assert "promo_gajian" in listed.out
    assert "body.1, body.2, body.3" in listed.out
    found = (await shell("templates", "list", "--name", "pesanan", "--status", "approved", "--json")).items
    assert [item["name"] for item in found] == ["info_pesanan"]
    nothing = await shell("templates", "list", "--status", "rejected")
    assert "blazz templates sync" in nothing.err


async def test_a_template_is_shown_with_its_text(shell: Shell, connected: str) -> None:
    shown = await shell("templates", "show", "promo_gajian")
    assert shown.code == 0
    assert all(text in shown.out for text in ("{{1}}", "marketing", "approved", "body.3", "Bandung"))
    by_id = (await shell("templates", "show", "promo_gajian", "--json")).told["id"]
    assert (await shell("templates", "show", by_id, "--json")).told["name"] == "promo_gajian"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["show", "tidak_ada"], 3, "blazz templates sync"),
        (["show", "promo_gajian", "--language", "en"], 3, "in the language “en”"),
        (["show", "tpl_" + "0" * 26], 3, "template_not_found"),
        (["preview", "promo_gajian", "--var", "9=x"], 2, "It has: body.1"),
        (["preview", "promo_gajian", "--var", "body.1"], 2, "name=value"),
        (["delete", "promo_gajian"], 2, "--yes"),
        (["sync", "--number", "+62811999"], 3, "no number"),
    ],
)
async def test_what_a_template_lacks_is_named(
    shell: Shell, connected: str, arguments: list[str], code: int, said: str
) -> None:
    ended = await shell("templates", *arguments)
    assert (ended.code, said in ended.err, ended.out) == (code, True, "")


async def test_a_preview_shows_values_and_examples_for_what_is_missing(shell: Shell, connected: str) -> None:
    ended = await shell("templates", "preview", "promo_gajian", "--var", "1=Sari", "--var", "body.2=50%")
    assert (ended.code, "Halo Sari" in ended.out, "50%" in ended.out, "Bandung" in ended.out) == (0, True, True, True)
    assert "body.3" in ended.err
    assert "[ Lihat katalog ]" in ended.out


async def test_a_template_is_checked_submitted_and_deleted(shell: Shell, connected: str, tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps(GOOD))
    made = await shell("templates", "create", file, "--number", connected)
    assert (made.code, "pending" in made.out, "Submitted" in made.err) == (0, True, True)
    again = await shell("templates", "create", file)
    assert (again.code, "template_exists" in again.err) == (5, True)
    assert (await shell("templates", "sync", "--json")).told["seen"] == 4
    assert (await shell("templates", "delete", "jam_buka", "--yes")).code == 0
    assert (await shell("templates", "show", "jam_buka")).code == 3


async def test_a_template_that_whatsapp_would_refuse_is_refused_with_every_reason(
    shell: Shell, connected: str, tmp_path: Path
) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps({**GOOD, "components": [{"type": "BODY", "text": "{{1}} dan {{3}}"}]}))
    ended = await shell("templates", "create", file)
    assert (ended.code, ended.err.count("/components/0")) == (2, 4)


@pytest.mark.parametrize(("text", "said"), [(None, "Cannot read"), ("{", "is not JSON"), ("[]", "one JSON object")])
async def test_a_file_that_holds_no_template_is_refused(
    shell: Shell, connected: str, tmp_path: Path, text: str | None, said: str
) -> None:
    file = tmp_path / "template.json"
    if text is not None:
        file.write_text(text)
    ended = await shell("templates", "create", file)
    assert (ended.code, said in ended.err) == (2, True)


async def test_a_reading_tells_what_changed(shell: Shell, connected: str) -> None:
    ended = await shell("templates", "sync", "--number", connected)
    assert (ended.code, ended.err) == (0, "3 templates were read: 0 new or changed, 0 gone.\n")
