"""Each kind of message is written exactly as documented."""

import json
import time
from typing import cast

import pytest

from blazz.adapters.providers.meta_cloud.payloads import UnsendableMessage, encode_message, encode_read_receipt
from blazz.domains.channels import content as c
from tests.providers.meta_cloud.wire import outbound

K = c.MediaKind


def _sent(content: c.Content) -> dict[str, object]:
    written = cast("dict[str, object]", json.loads(encode_message(outbound(content))))
    frame = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "6281111111111",
        "biz_opaque_callback_data": "outbox-42",
    }
    assert {name: written.pop(name) for name in frame} == frame
    return written


PLAIN: list[tuple[c.Content, dict[str, object]]] = [
    (c.Text(body="Halo", preview_url=True), {"type": "text", "text": {"body": "Halo", "preview_url": True}}),
    (c.Text(body="Halo"), {"type": "text", "text": {"body": "Halo", "preview_url": False}}),
    (
        c.Media(kind=K.IMAGE, link="https://x/y.jpg", caption="a"),
        {"type": "image", "image": {"link": "https://x/y.jpg", "caption": "a"}},
    ),
    (c.Media(kind=K.VIDEO, id="1", caption="a"), {"type": "video", "video": {"id": "1", "caption": "a"}}),
    (c.Media(kind=K.AUDIO, id="1", voice=True), {"type": "audio", "audio": {"id": "1", "voice": True}}),
    (
        c.Media(kind=K.DOCUMENT, id="1", caption="a", filename="n.pdf"),
        {"type": "document", "document": {"id": "1", "caption": "a", "filename": "n.pdf"}},
    ),
    (c.Media(kind=K.STICKER, id="1"), {"type": "sticker", "sticker": {"id": "1"}}),
    (
        c.Location(latitude=-6.2, longitude=106.8, name="Monas", address="Jakarta"),
        {
            "type": "location",
            "location": {"latitude": -6.2, "longitude": 106.8, "name": "Monas", "address": "Jakarta"},
        },
    ),
    (
        c.Reaction(message_id="wamid.X", emoji="👍"),
        {"type": "reaction", "reaction": {"message_id": "wamid.X", "emoji": "👍"}},
    ),
    (c.Reaction(message_id="wamid.X"), {"type": "reaction", "reaction": {"message_id": "wamid.X", "emoji": ""}}),
    (
        c.ContactCards(
            cards=(
                c.ContactCard(
                    name=c.ContactName(
                        formatted_name="Budi S",
                        first_name="Budi",
                        last_name="S",
                        middle_name="m",
                        prefix="p",
                        suffix="s",
                    ),
                    phones=(c.ContactPhone(phone="+62811", type="CELL", wa_id="62811"),),
                    emails=(c.ContactEmail(email="b@x.id", type="WORK"),),
                    urls=(c.ContactUrl(url="https://x.id", type="WORK"),),
                    addresses=(
                        c.ContactAddress(
                            street="Jl 1",
                            city="Solo",
                            state="JT",
                            zip="57",
                            country="Indonesia",
                            country_code="ID",
                            type="HOME",
                        ),
                    ),
                    org=c.ContactOrganization(company="PT", department="IT", title="CTO"),
                    birthday="1990-01-31",
                ),
            )
        ),
        {
            "type": "contacts",
            "contacts": [
                {
                    "name": {
                        "formatted_name": "Budi S",
                        "first_name": "Budi",
                        "last_name": "S",
                        "middle_name": "m",
                        "prefix": "p",
                        "suffix": "s",
                    },
                    "phones": [{"phone": "+62811", "type": "CELL", "wa_id": "62811"}],
                    "emails": [{"email": "b@x.id", "type": "WORK"}],
                    "urls": [{"url": "https://x.id", "type": "WORK"}],
                    "addresses": [
                        {
                            "street": "Jl 1",
                            "city": "Solo",
                            "state": "JT",
                            "zip": "57",
                            "country": "Indonesia",
                            "country_code": "ID",
                            "type": "HOME",
                        }
                    ],
                    "org": {"company": "PT", "department": "IT", "title": "CTO"},
                    "birthday": "1990-01-31",
                }
            ],
        },
    ),
]

_BUTTONS = c.ReplyButtons(buttons=(c.ReplyButton(id="y", title="Ya"),))
_REPLY: dict[str, object] = {"buttons": [{"type": "reply", "reply": {"id": "y", "title": "Ya"}}]}
_LINK: dict[str, object] = {"name": "cta_url", "parameters": {"display_text": "Buka", "url": "https://x.id"}}
_CARD = c.HeaderMedia(kind=K.IMAGE, link="https://x/1.jpg")
_CARD_JSON = {"type": "image", "image": {"link": "https://x/1.jpg"}}
_SECTIONS = [{"title": "A", "product_items": [{"product_retailer_id": "s1"}, {"product_retailer_id": "s2"}]}]
ACTIONS: list[tuple[c.Action, dict[str, object]]] = [
    (_BUTTONS, _REPLY),
    (
        c.ListMenu(
            button="Pilih",
            sections=(
                c.ListSection(
                    title="S", rows=(c.ListRow(id="1", title="A", description="d"), c.ListRow(id="2", title="B"))
                ),
            ),
        ),
        {
            "button": "Pilih",
            "sections": [
                {"title": "S", "rows": [{"id": "1", "title": "A", "description": "d"}, {"id": "2", "title": "B"}]}
            ],
        },
    ),
    (c.CtaUrl(display_text="Buka", url="https://x.id"), _LINK),
    (
        c.FlowLaunch(flow_cta="Isi", flow_token="t", flow_id="7", screen="START", data={"a": 1}),
        {
            "name": "flow",
            "parameters": {
                "flow_message_version": "3",
                "flow_token": "t",
                "flow_id": "7",
                "flow_cta": "Isi",
                "mode": "published",
                "flow_action": "navigate",
                "flow_action_payload": {"screen": "START", "data": {"a": 1}},
            },
        },
    ),
    (
        c.FlowLaunch(flow_cta="Isi", flow_token="t", flow_name="f", mode="draft", flow_action="data_exchange"),
        {
            "name": "flow",
            "parameters": {
                "flow_message_version": "3",
                "flow_token": "t",
                "flow_name": "f",
                "flow_cta": "Isi",
                "mode": "draft",
                "flow_action": "data_exchange",
            },
        },
    ),
    (c.LocationRequest(), {"name": "send_location"}),
    (c.ContactInfoRequest(), {"name": "request_contact_info"}),
    (
        c.VoiceCall(display_text="Telepon", ttl_minutes=60),
        {"name": "voice_call", "parameters": {"display_text": "Telepon", "ttl_minutes": 60}},
    ),
    (c.CallPermissionRequest(), {"name": "call_permission_request"}),
    (c.Product(catalog_id="c", product_retailer_id="s1"), {"catalog_id": "c", "product_retailer_id": "s1"}),
    (
        c.ProductList(catalog_id="c", sections=(c.ProductSection(title="A", product_retailer_ids=("s1", "s2")),)),
        {"catalog_id": "c", "sections": _SECTIONS},
    ),
    (
        c.CatalogMessage(thumbnail_product_retailer_id="s1"),
        {"name": "catalog_message", "parameters": {"thumbnail_product_retailer_id": "s1"}},
    ),
    (c.CatalogMessage(), {"name": "catalog_message"}),
    (
        c.Carousel(
            cards=(c.CarouselCard(header=_CARD, action=c.CtaUrl(display_text="Buka", url="https://x.id"), body="isi"),)
        ),
        {
            "cards": [
                {"card_index": 0, "type": "cta_url", "header": _CARD_JSON, "body": {"text": "isi"}, "action": _LINK}
            ]
        },
    ),
    (
        c.Carousel(cards=(c.CarouselCard(header=_CARD, action=_BUTTONS),)),
        {"cards": [{"card_index": 0, "type": "button", "header": _CARD_JSON, "action": _REPLY}]},
    ),
    (c.OrderDetails(parameters={"reference_id": "r"}), {"name": "review_and_pay", "parameters": {"reference_id": "r"}}),
    (
        c.OrderStatus(reference_id="r", status="shipped", description="d"),
        {
            "name": "review_order",
            "parameters": {"reference_id": "r", "order": {"status": "shipped", "description": "d"}},
        },
    ),
]

T = c.TextParameter
_MEDIA_HEADERS: list[tuple[c.TemplateComponent, dict[str, object]]] = [
    (
        c.HeaderComponent(parameter=c.MediaParameter(kind=kind, link="https://x/y")),
        {"type": "header", "parameters": [{"type": kind.value, kind.value: {"link": "https://x/y"}}]},
    )
    for kind in (K.IMAGE, K.VIDEO, K.GIF)
]
COMPONENTS: list[tuple[c.TemplateComponent, dict[str, object]]] = [
    (c.HeaderComponent(parameter=T(text="x")), {"type": "header", "parameters": [{"type": "text", "text": "x"}]}),
    *_MEDIA_HEADERS,
    (
        c.HeaderComponent(parameter=c.MediaParameter(kind=K.DOCUMENT, id="9", filename="n.pdf")),
        {"type": "header", "parameters": [{"type": "document", "document": {"id": "9", "filename": "n.pdf"}}]},
    ),
    (
        c.HeaderComponent(
            parameter=c.LocationParameter(location=c.Location(latitude=1.0, longitude=2.0, name="n", address="a"))
        ),
        {
            "type": "header",
            "parameters": [
                {"type": "location", "location": {"latitude": 1.0, "longitude": 2.0, "name": "n", "address": "a"}}
            ],
        },
    ),
    (
        c.HeaderComponent(parameter=c.ProductParameter(catalog_id="c", product_retailer_id="s")),
        {
            "type": "header",
            "parameters": [{"type": "product", "product": {"product_retailer_id": "s", "catalog_id": "c"}}],
        },
    ),
    (
        c.BodyComponent(
            parameters=(
                T(text="Budi"),
                c.CurrencyParameter(fallback_value="Rp1", code="IDR", amount_1000=1000),
                c.DateTimeParameter(fallback_value="besok"),
            )
        ),
        {
            "type": "body",
            "parameters": [
                {"type": "text", "text": "Budi"},
                {"type": "currency", "currency": {"fallback_value": "Rp1", "code": "IDR", "amount_1000": 1000}},
                {"type": "date_time", "date_time": {"fallback_value": "besok"}},
            ],
        },
    ),
    (
        c.BodyComponent(parameters=(T(text="Budi", name="first_name"),)),
        {"type": "body", "parameters": [{"type": "text", "text": "Budi", "parameter_name": "first_name"}]},
    ),
    (
        c.LimitedTimeOfferComponent(expiration_time_ms=1750000000000),
        {
            "type": "limited_time_offer",
            "parameters": [{"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1750000000000}}],
        },
    ),
    (
        c.CarouselComponent(
            cards=(c.TemplateCard(card_index=0, components=(c.BodyComponent(parameters=(T(text="x"),)),)),)
        ),
        {
            "type": "carousel",
            "cards": [
                {"card_index": 0, "components": [{"type": "body", "parameters": [{"type": "text", "text": "x"}]}]}
            ],
        },
    ),
]
BUTTONS: list[tuple[c.ButtonKind, c.ButtonParameter, dict[str, object]]] = [
    (c.ButtonKind.QUICK_REPLY, c.PayloadParameter(payload="p"), {"type": "payload", "payload": "p"}),
    (c.ButtonKind.URL, T(text="inv-77"), {"type": "text", "text": "inv-77"}),
    (c.ButtonKind.COPY_CODE, c.CouponParameter(coupon_code="HEMAT"), {"type": "coupon_code", "coupon_code": "HEMAT"}),
    (
        c.ButtonKind.FLOW,
        c.FlowParameter(flow_token="t", flow_action_data={"a": 1}),
        {"type": "action", "action": {"flow_token": "t", "flow_action_data": {"a": 1}}},
    ),
    (
        c.ButtonKind.CATALOG,
        c.CatalogParameter(thumbnail_product_retailer_id="s"),
        {"type": "action", "action": {"thumbnail_product_retailer_id": "s"}},
    ),
    (
        c.ButtonKind.MPM,
        c.ProductsParameter(
            thumbnail_product_retailer_id="s",
            sections=(c.ProductSection(title="A", product_retailer_ids=("s1", "s2")),),
        ),
        {"type": "action", "action": {"thumbnail_product_retailer_id": "s", "sections": _SECTIONS}},
    ),
]


@pytest.mark.parametrize(("content", "expected"), PLAIN)
def test_each_plain_message_is_written_as_documented(content: c.Content, expected: dict[str, object]) -> None:
    assert _sent(content) == expected


@pytest.mark.parametrize(("action", "expected"), ACTIONS)
def test_each_interactive_action_is_written_as_documented(action: c.Action, expected: dict[str, object]) -> None:
    written = _sent(c.Interactive(action=action, body="isi", footer="kaki", header=c.HeaderText(text="judul")))
    assert written == {
        "type": "interactive",
        "interactive": {
            "type": action.type,
            "header": {"type": "text", "text": "judul"},
            "body": {"text": "isi"},
            "footer": {"text": "kaki"},
            "action": expected,
        },
    }


def test_a_media_header_and_a_bare_frame_are_written_as_documented() -> None:
    header = c.HeaderMedia(kind=K.DOCUMENT, id="9", filename="n.pdf")
    written = _sent(c.Interactive(action=_BUTTONS, body="isi", header=header))["interactive"]
    assert written == {
        "type": "button",
        "header": {"type": "document", "document": {"id": "9", "filename": "n.pdf"}},
        "body": {"text": "isi"},
        "action": _REPLY,
    }


@pytest.mark.parametrize(("component", "expected"), COMPONENTS)
def test_each_template_component_is_written_as_documented(
    component: c.TemplateComponent, expected: dict[str, object]
) -> None:
    written = _sent(c.TemplateMessage(name="order_update", language="id", components=(component,)))
    assert written == {
        "type": "template",
        "template": {"name": "order_update", "language": {"code": "id"}, "components": [expected]},
    }


@pytest.mark.parametrize(("kind", "parameter", "expected"), BUTTONS)
def test_each_template_button_is_written_as_documented(
    kind: c.ButtonKind, parameter: c.ButtonParameter, expected: dict[str, object]
) -> None:
    component = c.ButtonComponent(kind=kind, index=1, parameter=parameter)
    written = _sent(c.TemplateMessage(name="x", language="id", components=(component,)))
    assert written["template"] == {
        "name": "x",
        "language": {"code": "id"},
        "components": [{"type": "button", "sub_type": kind.value, "index": "1", "parameters": [expected]}],
    }


def test_a_template_without_values_has_no_components() -> None:
    assert _sent(c.TemplateMessage(name="hello", language="en_US")) == {
        "type": "template",
        "template": {"name": "hello", "language": {"code": "en_US"}},
    }


def test_the_marketing_door_takes_its_options_beside_the_template() -> None:
    marketing = c.MarketingDelivery(message_activity_sharing=True, product_policy="CLOUD_API_FALLBACK")
    written = _sent(c.TemplateMessage(name="hello", language="id", marketing=marketing))
    assert (written["message_activity_sharing"], written["product_policy"]) == (True, "CLOUD_API_FALLBACK")


def test_replies_groups_user_ids_and_identity_hashes_are_written() -> None:
    reply = json.loads(encode_message(outbound(reply_to_provider_id="wamid.AAA", identity_key_hash="h")))
    group = json.loads(encode_message(outbound(to="G-1", is_group=True)))
    user = json.loads(encode_message(outbound(to=None, recipient_bsuid="ID.98x")))
    both = json.loads(encode_message(outbound(recipient_bsuid="ID.98x")))
    assert (reply["context"], reply["recipient_identity_key_hash"]) == ({"message_id": "wamid.AAA"}, "h")
    assert (group["recipient_type"], group["to"]) == ("group", "G-1")
    assert (user["recipient"], "to" in user) == ("ID.98x", False)
    assert ("recipient" in both, both["to"]) == (False, "6281111111111")


def test_a_message_without_recipient_or_with_too_long_an_id_is_refused() -> None:
    with pytest.raises(UnsendableMessage, match="neither a phone number"):
        encode_message(outbound(to=None))
    with pytest.raises(UnsendableMessage, match="512"):
        encode_message(outbound(opaque_id="x" * 513))


def test_read_receipts_are_written_with_and_without_typing() -> None:
    plain = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN"}
    assert json.loads(encode_read_receipt("wamid.IN", typing=False)) == plain
    assert json.loads(encode_read_receipt("wamid.IN", typing=True)) == plain | {"typing_indicator": {"type": "text"}}


def test_writing_a_template_message_costs_little() -> None:
    component = c.BodyComponent(parameters=(T(text="Budi"), T(text="inv-77")))
    message = outbound(c.TemplateMessage(name="order_update", language="id", components=(component,)))
    best = float("inf")
    for _ in range(5):
        started = time.process_time()
        for _ in range(1000):
            encode_message(message)
        best = min(best, time.process_time() - started)
    assert best / 1000 < 50e-6
