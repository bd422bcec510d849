"""Interactive messages, kind by kind."""

import pytest

from blazz.adapters.providers.simulator.errors import GraphError
from blazz.adapters.providers.simulator.interactive import check_interactive, tappable
from tests.adapters.providers.simulator.stage import Json

BODY: Json = {"body": {"text": "Silakan pilih"}}


def buttons(*titles: str) -> Json:
    found = [{"type": "reply", "reply": {"id": f"id-{title}", "title": title}} for title in titles]
    return {"type": "button", "action": {"buttons": found}} | BODY


def menu(sections: list[Json], button: str = "Buka") -> Json:
    return {"type": "list", "action": {"button": button, "sections": sections}} | BODY


def rows(*ids: str, title: str = "") -> Json:
    found: Json = {"rows": [{"id": one, "title": f"Baris {one}", "description": "isi"} for one in ids]}
    return found | ({"title": title} if title else {})


def named(kind: str, name: str, **parameters: object) -> Json:
    return {"type": kind, "action": {"name": name, "parameters": parameters}} | BODY


def card(index: int, **more: object) -> Json:
    found: Json = {
        "card_index": index,
        "type": "cta_url",
        "header": {"type": "image"},
        "action": {},
        "body": {"text": "x"},
    }
    return found | more


FLOW = {"flow_message_version": "3", "flow_id": "1", "flow_cta": "Isi"}
PRODUCTS: Json = {"catalog_id": "c", "sections": [{"title": "t", "product_items": [{"product_retailer_id": "p"}]}]}
TITLE: Json = {"header": {"type": "text", "text": "Judul"}}
GOOD: list[Json] = [
    buttons("Ya", "Tidak") | {"footer": {"text": "kaki"}, "header": {"type": "image", "image": {"link": "https://x"}}},
    menu([rows("a", title="Satu"), rows("b", title="Dua")]) | TITLE,
    named("cta_url", "cta_url", display_text="Buka", url="https://example.com"),
    named("flow", "flow", **FLOW),
    named("location_request_message", "send_location"),
    named("request_contact_info", "request_contact_info"),
    named("voice_call", "voice_call", display_text="Telepon", ttl_minutes=10),
    {"type": "voice_call", "action": {"name": "voice_call"}} | BODY,
    named("call_permission_request", "call_permission_request"),
    {"type": "product", "action": {"catalog_id": "c", "product_retailer_id": "p"}},
    {"type": "product_list", "action": PRODUCTS} | BODY | TITLE,
    named("catalog_message", "catalog_message"),
    {"type": "carousel", "action": {"cards": [card(0), card(1)]}} | BODY,
    named("order_details", "review_and_pay", reference_id="r"),
    named("order_status", "review_order", reference_id="r", order={"status": "shipped"}),
]


@pytest.mark.parametrize("content", GOOD, ids=lambda content: content["type"])
def test_a_right_message_passes(content: Json) -> None:
    check_interactive(content)


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        ({"action": {}}, 131008, "interactive.type"),
        ({"type": "dance", "action": {}}, 131009, "dance"),
        ({"type": "button", "action": {}}, 131008, "body"),
        (buttons("Ya") | {"body": {"text": "x" * 1025}}, 131009, "1024"),
        (buttons("Ya") | {"footer": {"text": "x" * 61}}, 131009, "footer"),
        (buttons("Ya") | {"header": {"type": "text", "text": "x" * 61}}, 131009, "header.text"),
        (buttons("Ya") | {"header": {"type": "gif"}}, 131009, "header.type"),
        (buttons("Ya") | {"header": {"type": "image", "image": {}}}, 131008, "id or a link"),
        (buttons("Ya") | {"header": {"type": "image", "image": {"id": "1", "caption": "x"}}}, 100, "caption"),
        (buttons(), 131009, "1 to 3"),
        (buttons("1", "2", "3", "4"), 131009, "1 to 3"),
        (buttons("Ya", "Ya"), 131009, "of their own"),
        (buttons("x" * 21), 131009, "20"),
        ({"type": "button", "action": {"buttons": [{"type": "url"}]}} | BODY, 131009, "must be reply"),
        ({"type": "button", "action": {"buttons": ["x"]}} | BODY, 131009, "must be an object"),
        (menu([rows("a")], "x" * 21), 131009, "button"),
        (menu([rows("a"), rows("b")]), 131008, "title"),
        (menu([rows(*"abcdef", title="1"), rows(*"ghijk", title="2")]), 131009, "10 rows"),
        (menu([rows("a", title="1"), rows("a", title="2")]), 131009, "of their own"),
        (menu([rows("a")]) | {"header": {"type": "image", "image": {"id": "1"}}}, 100, "must be text"),
        (named("cta_url", "link", display_text="x", url="https://x"), 131009, "must be cta_url"),
        (named("cta_url", "cta_url", display_text="x", url="x"), 131009, "url"),
        (named("flow", "flow", **(FLOW | {"flow_name": "n"})), 131008, "flow_id or flow_name"),
        (named("flow", "flow", **(FLOW | {"mode": "x"})), 131009, "mode"),
        (named("flow", "flow", **(FLOW | {"flow_action": "x"})), 131009, "flow_action"),
        (named("voice_call", "voice_call", ttl_minutes=0), 131009, "ttl_minutes"),
        ({"type": "product", "action": {"catalog_id": "c", "product_retailer_id": "p"}} | TITLE, 100, "header"),
        ({"type": "product_list", "action": PRODUCTS} | BODY, 131008, "header"),
        ({"type": "carousel", "action": {"cards": [card(0)]}} | BODY, 131009, "2 to 10"),
        ({"type": "carousel", "action": {"cards": [card(0), card(0)]}} | BODY, 131009, "card_index"),
        ({"type": "carousel", "action": {"cards": [card(0), card(1, type="x")]}} | BODY, 131009, "one type"),
        (
            {"type": "carousel", "action": {"cards": [card(0, header={"type": "text"}), card(1)]}} | BODY,
            131009,
            "header",
        ),
    ],
)
def test_a_wrong_message_is_refused_by_name(content: Json, code: int, words: str) -> None:
    with pytest.raises(GraphError) as caught:
        check_interactive(content)
    assert caught.value.code == code
    assert words in caught.value.details


def test_no_more_than_thirty_products_over_all_sections() -> None:
    section = {"title": "t", "product_items": [{"product_retailer_id": str(one)} for one in range(16)]}
    action = {"catalog_id": "c", "sections": [section, section]}
    with pytest.raises(GraphError, match="not valid") as caught:
        check_interactive({"type": "product_list", "action": action} | BODY | TITLE)
    assert "30 products" in caught.value.details


def test_buttons_and_rows_can_be_pressed_and_links_cannot() -> None:
    assert tappable(buttons("Ya", "Tidak"))[1] == ("button_reply", "id-Tidak", "Tidak")
    assert tappable(menu([rows("a", "b")])) == (("list_reply", "a", "Baris a"), ("list_reply", "b", "Baris b"))
    assert tappable(GOOD[2]) == ()
