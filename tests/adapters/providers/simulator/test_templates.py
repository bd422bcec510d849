"""Templates: submitting, review, edits, deletion, paging, and what a send of one must carry."""

from pathlib import Path
from typing import cast

import pytest

from blazz.adapters.providers.simulator.errors import GraphError
from blazz.adapters.providers.simulator.template_rules import check_definition
from blazz.adapters.providers.simulator.template_sends import check_template_send, quick_replies
from blazz.adapters.providers.simulator.templates import TemplateBook
from tests.adapters.providers.simulator.stage import ACCOUNT, Json, Stage, code_of, details_of, staged, template, until

PATH = f"{ACCOUNT}/message_templates"


def definition(name: str = "kabar_baru", *components: Json, **more: object) -> Json:
    body: Json = {"type": "BODY", "text": "Halo {{1}}, ada kabar baru.", "example": {"body_text": [["Budi"]]}}
    found: Json = {"name": name, "language": "id", "category": "UTILITY", "components": list(components) or [body]}
    return found | more


def body_of(text: str, *examples: str) -> Json:
    return {"type": "BODY", "text": text, "example": {"body_text": [list(examples)]}}


def buttons_of(*buttons: Json) -> Json:
    return {"type": "BUTTONS", "buttons": list(buttons)}


PLAIN: Json = {"type": "BODY", "text": "Halo semua"}
REPLY: Json = {"type": "QUICK_REPLY", "text": "Ya"}
LINK: Json = {"type": "URL", "text": "Buka", "url": "https://x.id/{{1}}", "example": ["a"]}


async def test_a_template_is_reviewed_and_then_sendable(tmp_path: Path) -> None:
    async with staged(tmp_path, template_review_seconds=0.3) as stage:
        made = (await stage.graph("POST", PATH, json=definition())).json()
        assert made["status"] == "PENDING"
        assert made["category"] == "UTILITY"
        assert code_of(await stage.send(template("kabar_baru"))) == 132001
        await until(lambda: bool(stage.callback.changes("message_template_status_update")))
        (news,) = stage.callback.changes("message_template_status_update")
        assert (news["event"], news["message_template_id"]) == ("APPROVED", int(made["id"]))
        assert (await stage.send(template("kabar_baru"))).status_code == 200
        read = (await stage.graph("GET", made["id"], params={"fields": "status,name"})).json()
        assert read == {"id": made["id"], "status": "APPROVED", "name": "kabar_baru"}


@pytest.mark.parametrize(("name", "reason"), [("a_scam", "SCAM"), ("promotional_b", "PROMOTIONAL")])
async def test_a_name_that_asks_for_it_is_rejected_with_the_reason(stage: Stage, name: str, reason: str) -> None:
    await stage.graph("POST", PATH, json=definition(name))
    await until(lambda: bool(stage.callback.changes("message_template_status_update")))
    (news,) = stage.callback.changes("message_template_status_update")
    assert (news["event"], news["reason"]) == ("REJECTED", reason)
    assert cast("Json", news["rejection_info"])["reason"] == reason


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (definition(language=""), 100, "language is required"),
        (definition("Kabar Baru"), 100, "lower case"),
        (definition(language="Indonesia"), 100, "id or en_US"),
        (definition(category="NEWS"), 100, "category"),
        (definition(parameter_format="FREE"), 100, "POSITIONAL"),
        (definition(message_send_ttl_seconds=5), 100, "30 to 43200"),
        (definition("x", {"type": "SONG"}), 100, "SONG"),
        (definition("x", PLAIN, PLAIN), 100, "one BODY"),
        (definition("x", {"type": "FOOTER", "text": "a"}), 100, "a BODY"),
        (definition("x", body_of("x" * 1025)), 2388040, "1024"),
        (definition("x", body_of("{{1}} halo kawan semua", "a")), 2388299, "begin or end"),
        (definition("x", body_of("Halo {{1}} {{2}} kawan semua", "a", "b")), 2388299, "touch"),
        (definition("x", body_of("Halo {{1}} a {{2}} b.", "a", "b")), 2388293, "too many"),
        (definition("x", body_of("Halo {{2}}, ada kabar baru.", "a")), 100, "1, 2, 3"),
        (definition("x", body_of("Halo {{1}}, ada kabar baru.")), 100, "one example"),
        (definition("x", {"type": "HEADER", "format": "SONG"}, PLAIN), 2388047, "format"),
        (definition("x", {"type": "HEADER", "format": "IMAGE"}, PLAIN), 100, "header_handle"),
        (definition("x", {"type": "HEADER", "format": "TEXT", "text": "x" * 61}, PLAIN), 2388040, "60"),
        (definition("x", {"type": "HEADER", "format": "TEXT", "text": "{{1}} {{2}}"}, PLAIN), 2388047, "one variable"),
        (definition("x", {"type": "HEADER", "format": "TEXT", "text": "Hai {{1}}"}, PLAIN), 100, "header_text"),
        (definition("x", PLAIN, {"type": "FOOTER", "text": "x" * 61}), 2388040, "60"),
        (definition("x", PLAIN, {"type": "FOOTER", "text": "Hai {{1}}"}), 2388073, "variables"),
        (definition("x", PLAIN, buttons_of({"type": "DANCE"})), 100, "DANCE"),
        (definition("x", PLAIN, buttons_of({"type": "QUICK_REPLY", "text": "x" * 26})), 2388040, "25"),
        (definition("x", PLAIN, buttons_of({"type": "URL", "text": "a", "url": "x"})), 100, "address"),
        (definition("x", PLAIN, buttons_of(LINK | {"url": "https://x.id/{{1}}/a"})), 100, "at its end"),
        (definition("x", PLAIN, buttons_of(LINK | {"example": None})), 100, "example"),
        (definition("x", PLAIN, buttons_of(LINK, LINK, LINK)), 100, "take 2 of type URL"),
        (definition("x", PLAIN, buttons_of(REPLY, LINK, REPLY)), 100, "together"),
        (definition("x", PLAIN, buttons_of({"type": "PHONE_NUMBER", "text": "a"})), 100, "phone_number"),
        (definition("x", PLAIN, {"type": "CAROUSEL", "cards": [{}]}), 131009, "2 to 10"),
    ],
)
def test_a_wrong_definition_is_refused_by_name(body: Json, code: int, words: str) -> None:
    with pytest.raises(GraphError) as caught:
        TemplateBook(0).create(body)
    assert caught.value.code == code
    assert words in caught.value.details


def test_rich_definitions_pass() -> None:
    handle = {"header_handle": ["4:x"]}
    check_definition(
        definition("a", {"type": "HEADER", "format": "IMAGE", "example": handle}, PLAIN, buttons_of(REPLY, LINK))
    )
    named = {"body_text_named_params": [{"param_name": "nama", "example": "Budi"}]}
    body: Json = {"type": "BODY", "text": "Halo {{nama}}, ada kabar baru.", "example": named}
    check_definition(definition("b", body, parameter_format="NAMED"))
    header: Json = {"type": "HEADER", "format": "TEXT", "text": "Hai {{1}}", "example": {"header_text": ["Budi"]}}
    check_definition(definition("c", header, PLAIN, {"type": "FOOTER", "text": "kaki"}))
    one_time = {"type": "BODY", "add_security_recommendation": True}
    check_definition(
        definition("d", one_time, {"type": "FOOTER", "code_expiration_minutes": 5}, category="AUTHENTICATION")
    )
    phone: Json = {"type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "+62811"}
    check_definition(definition("e", PLAIN, buttons_of(phone), {"type": "CAROUSEL", "cards": [{}, {}]}))


async def test_the_same_language_twice_and_too_many_are_refused(tmp_path: Path) -> None:
    async with staged(tmp_path, templates_at_most=4) as stage:
        assert (await stage.graph("POST", PATH, json=definition())).status_code == 200
        again = await stage.graph("POST", PATH, json=definition())
        assert (code_of(again), again.json()["error"]["error_subcode"]) == (100, 2388024)
        assert code_of(await stage.graph("POST", PATH, json=definition("more"))) == 2388019


def test_a_hundred_creations_an_hour_are_the_limit() -> None:
    book = TemplateBook(0)
    for one in range(100):
        book.create(definition(f"t_{one}"))
    with pytest.raises(GraphError) as caught:
        book.create(definition("t_100"))
    assert caught.value.code == 80007


async def test_lists_are_filtered_and_paged(stage: Stage) -> None:
    query = {"limit": "2", "summary": "total_count", "fields": "name"}
    first = (await stage.graph("GET", PATH, params=query)).json()
    assert [row["name"] for row in first["data"]] == ["promo_gajian", "info_pesanan"]
    assert first["summary"]["total_count"] == 3
    after = first["paging"]["cursors"]["after"]
    rest = (await stage.graph("GET", PATH, params=query | {"after": after})).json()
    assert [row["name"] for row in rest["data"]] == ["sapa_pelanggan"]
    assert "next" not in rest["paging"]
    one = (await stage.graph("GET", PATH, params={"category": "utility", "status": "approved", "name": "info"})).json()
    assert [row["name"] for row in one["data"]] == ["info_pesanan"]
    assert not (await stage.graph("GET", PATH, params={"language": "en"})).json()["data"]
    assert code_of(await stage.graph("GET", PATH, params={"after": "zzz"})) == 131059
    assert code_of(await stage.graph("GET", PATH, params={"limit": "many"})) == 100


async def test_an_edit_goes_back_to_review_and_only_once_a_day(stage: Stage) -> None:
    held = stage.simulator.templates.find("sapa_pelanggan")
    change = {"components": [body_of("Selamat pagi {{1}}, apa kabar?", "Budi")]}
    assert code_of(await stage.graph("POST", held.id, json=change | {"category": "UTILITY"})) == 100
    assert (await stage.graph("POST", held.id, json=change)).json()["success"] is True
    await until(lambda: held.status == "APPROVED")
    assert "pagi" in str(held.definition["components"])
    again = await stage.graph("POST", held.id, json=change)
    assert "24 hours" in details_of(again)
    held.edited_at = [held.edited_at[0] - 90_000] * 10
    assert "10 times" in details_of(await stage.graph("POST", held.id, json=change))
    held.status = "PENDING"
    held.review_at = float("inf")
    assert "PENDING" in details_of(await stage.graph("POST", held.id, json=change))
    held.status = "REJECTED"
    assert code_of(await stage.graph("POST", held.id, json={"category": "NEWS"})) == 100
    assert (await stage.graph("POST", held.id, json={"category": "UTILITY"})).status_code == 200


async def test_deleting_takes_one_language_or_all_and_is_told(stage: Stage) -> None:
    english = (await stage.graph("POST", PATH, json=definition("sapa_pelanggan", language="en"))).json()["id"]
    query = {"name": "sapa_pelanggan", "hsm_id": english}
    assert (await stage.graph("DELETE", PATH, params=query)).json() == {"success": True}
    assert code_of(await stage.graph("DELETE", PATH, params=query)) == 100
    assert code_of(await stage.graph("DELETE", PATH)) == 100
    assert (await stage.graph("DELETE", PATH, params={"name": "sapa_pelanggan"})).status_code == 200
    assert code_of(await stage.send(template())) == 132001
    await stage.drain()
    events = [news["event"] for news in stage.callback.changes("message_template_status_update")]
    assert events.count("PENDING_DELETION") == 2


async def test_pausing_disabling_and_unpausing(stage: Stage) -> None:
    held = stage.simulator.templates.find("sapa_pelanggan")
    await stage.control("template_status", {"template": "sapa_pelanggan", "status": "PAUSED"})
    assert code_of(await stage.send(template())) == 132015
    assert (await stage.graph("POST", f"{held.id}/unpause")).json() == {"success": True}
    assert code_of(await stage.graph("POST", f"{held.id}/unpause")) == 100
    assert (await stage.send(template())).status_code == 200
    await stage.control("template_status", {"template": held.id, "status": "DISABLED"})
    assert code_of(await stage.send(template())) == 132016
    await stage.drain()
    first = stage.callback.changes("message_template_status_update")[0]
    assert cast("Json", first["other_info"])["title"] == "FIRST_PAUSE"


def held(*components: Json, **more: object) -> TemplateBook:
    book = TemplateBook(0)
    book.create(definition("x", *components, **more)).status = "APPROVED"
    return book


def send(*components: Json) -> Json:
    return {"name": "x", "language": {"code": "id"}, "components": list(components)}


def given(kind: str, *parameters: Json, **more: object) -> Json:
    return {"type": kind, "parameters": list(parameters)} | more


def words(text: str, **more: object) -> Json:
    return {"type": "text", "text": text} | more


IMAGE: Json = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4:x"]}}
NAMED: Json = {
    "type": "BODY",
    "text": "Halo {{nama}}, ada kabar baru.",
    "example": {"body_text_named_params": [{"param_name": "nama", "example": "Budi"}]},
}
HELLO = body_of("Halo {{1}}, ada kabar baru.", "Budi")
COPY: Json = {"type": "COPY_CODE", "example": "HEMAT"}


@pytest.mark.parametrize(
    ("book", "sent", "code"),
    [
        (held(HELLO), send(), 132000),
        (held(HELLO), send(given("body", words("a"), words("b"))), 132000),
        (held(HELLO), send(given("body", words("a\nb"))), 132012),
        (held(HELLO), send(given("body", words("a     b"))), 132012),
        (held(HELLO), send(given("body", words(""))), 132012),
        (held(HELLO), send(given("body", {"type": "image"})), 132012),
        (held(HELLO), send(given("body", {"type": "currency"})), 132012),
        (held(HELLO), send(given("body", words("x" * 1024))), 132005),
        (held(NAMED, parameter_format="NAMED"), send(given("body", words("a", parameter_name="umur"))), 100),
        (held(IMAGE, PLAIN), send(), 132000),
        (held(IMAGE, PLAIN), send(given("header", words("a"))), 132012),
        (held(IMAGE, PLAIN), send(given("header", {"type": "image", "image": {}})), 132012),
        (held(PLAIN, buttons_of(LINK)), send(), 132000),
        (held(PLAIN, buttons_of(COPY)), send(given("button", words("x"), index=0)), 132012),
        (held(PLAIN, buttons_of(LINK | {"url": "https://x.id"})), send(given("button", words("x"), index=0)), 132000),
        (held(HELLO), {"name": "x", "language": {"code": "en"}}, 132001),
        (held(HELLO), {"name": "y", "language": "id"}, 132001),
    ],
)
def test_a_send_that_does_not_fit_its_template_is_refused(book: TemplateBook, sent: Json, code: int) -> None:
    with pytest.raises(GraphError) as caught:
        check_template_send(book, sent)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("book", "sent"),
    [
        (held(HELLO), send(given("BODY", {"type": "currency", "currency": {"fallback_value": "Rp 5"}}))),
        (held(NAMED, parameter_format="NAMED"), send(given("body", words("Budi", parameter_name="nama")))),
        (held(IMAGE, PLAIN), send(given("header", {"type": "image", "image": {"link": "https://x"}}))),
        (
            held(PLAIN, buttons_of(LINK, COPY)),
            send(given("button", words("a"), index="0"), given("button", {"coupon_code": "X"}, index=1)),
        ),
        (held(PLAIN, buttons_of({"type": "PHONE_NUMBER", "text": "a", "phone_number": "+62"})), send()),
        (held({"type": "BODY"}, category="AUTHENTICATION"), send(given("body", words("123456")))),
    ],
)
def test_a_send_that_fits_passes(book: TemplateBook, sent: Json) -> None:
    assert check_template_send(book, sent).name == "x"


def test_a_press_carries_the_payload_sent_along_or_the_words() -> None:
    book = held(PLAIN, buttons_of(REPLY, {"type": "QUICK_REPLY", "text": "Tidak"}))
    sent = send(given("button", {"type": "payload", "payload": "no-1"}, sub_type="quick_reply", index="1"))
    assert quick_replies(book.find("x"), sent) == (("button", "Ya", "Ya"), ("button", "no-1", "Tidak"))


async def test_authentication_needs_a_phone(stage: Stage) -> None:
    held_one = stage.simulator.templates.create(definition("kode", {"type": "BODY"}, category="AUTHENTICATION"))
    held_one.status = "APPROVED"
    refused = await stage.send(template("kode", "123456") | {"to": "", "recipient": "ID.stranger"})
    assert code_of(refused) == 131062
