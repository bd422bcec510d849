"""Templates list their variables, fill them literally, refuse what is missing and are checked before review."""

import pytest

from blazz.domains.channels import content as c

JSON = c.JsonObject
BODY: JSON = {
    "type": "BODY",
    "text": "Halo {{1}}, pesanan {{2}} sudah dikirim hari ini. Terima kasih.",
    "example": {"body_text": [["Budi", "inv-77"]]},
}


def _definition(
    *components: JSON, named: bool = False, category: str = "UTILITY", name: str = "order_update"
) -> c.TemplateDefinition:
    return c.TemplateDefinition(
        name=name,
        language="id",
        category=category,
        components=components,
        parameter_format="NAMED" if named else "POSITIONAL",
    )


FULL = _definition(
    {"type": "HEADER", "format": "TEXT", "text": "Pesanan {{1}}", "example": {"header_text": ["inv-77"]}},
    BODY,
    {"type": "FOOTER", "text": "Toko Kita"},
    {
        "type": "BUTTONS",
        "buttons": [
            {"type": "URL", "text": "Lacak", "url": "https://x.id/t/{{1}}", "example": ["https://x.id/t/inv-77"]},
            {"type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "+62811"},
            {"type": "COPY_CODE", "text": "Salin", "example": "HEMAT"},
            {"type": "QUICK_REPLY", "text": "Terima kasih"},
        ],
    },
)
VALUES: dict[str, c.TemplateValue] = {
    "header.1": "inv-77",
    "body.1": "Budi",
    "body.2": "inv-77",
    "button.0": "inv-77",
    "button.2": "HEMAT",
}


def _refusal(definition: c.TemplateDefinition, values: dict[str, c.TemplateValue]) -> set[tuple[str, str]]:
    with pytest.raises(c.TemplateValuesRefused) as raised:
        c.build_template_message(definition, values)
    return {(item.pointer, item.code) for item in raised.value.problems}


def test_every_variable_is_listed_with_its_example() -> None:
    listed = [(item.key, item.kind, item.required, item.example) for item in c.template_variables(FULL)]
    assert listed == [
        ("header.1", "text", True, "inv-77"),
        ("body.1", "text", True, "Budi"),
        ("body.2", "text", True, "inv-77"),
        ("button.0", "url_suffix", True, "https://x.id/t/inv-77"),
        ("button.2", "coupon_code", True, "HEMAT"),
        ("button.3", "payload", False, None),
    ]


def test_a_template_is_rendered_as_people_will_read_it() -> None:
    rendered = c.render_template(FULL, VALUES)
    assert rendered.header is not None
    assert rendered.header.text == "Pesanan inv-77"
    assert rendered.body == "Halo Budi, pesanan inv-77 sudah dikirim hari ini. Terima kasih."
    assert rendered.footer == "Toko Kita"
    assert [(item.text, item.url, item.phone_number, item.code) for item in rendered.buttons] == [
        ("Lacak", "https://x.id/t/inv-77", None, None),
        ("Telepon", None, "+62811", None),
        ("Salin", None, None, "HEMAT"),
        ("Terima kasih", None, None, None),
    ]


def test_the_message_holds_exactly_the_components_with_values() -> None:
    text = c.TextParameter
    assert c.build_template_message(FULL, VALUES | {"button.3": "thanks"}) == c.TemplateMessage(
        name="order_update",
        language="id",
        components=(
            c.HeaderComponent(parameter=text(text="inv-77")),
            c.BodyComponent(parameters=(text(text="Budi"), text(text="inv-77"))),
            c.ButtonComponent(kind=c.ButtonKind.URL, index=0, parameter=text(text="inv-77")),
            c.ButtonComponent(kind=c.ButtonKind.COPY_CODE, index=2, parameter=c.CouponParameter(coupon_code="HEMAT")),
            c.ButtonComponent(kind=c.ButtonKind.QUICK_REPLY, index=3, parameter=c.PayloadParameter(payload="thanks")),
        ),
    )


def test_missing_blank_and_unknown_values_are_all_named() -> None:
    values = {key: value for key, value in VALUES.items() if key != "body.2"} | {"body.1": "  ", "body.3": "x"}
    assert _refusal(FULL, values) == {
        ("/values/body.1", "variable_missing"),
        ("/values/body.2", "variable_missing"),
        ("/values/body.3", "variable_unknown"),
    }
    assert [item.key for item in c.missing_variables(FULL, values)] == ["body.1", "body.2"]


@pytest.mark.parametrize(
    "payload",
    [
        "{{7*7}}",
        "{{env}}",
        "{{1}}",
        "{{2}}",
        "{0}",
        "%n",
        "%s",
        "${HOME}",
        "{{body.2}}",
        "\\1",
        "\\g<1>",
        "{% if %}",
        "{{''.__class__}}",
        "<script>",
        "$1",
    ],
)
def test_a_value_is_text_and_nothing_else(payload: str) -> None:
    definition = _definition(BODY)
    rendered = c.render_template(definition, {"body.1": payload, "body.2": "x"})
    assert rendered.body == f"Halo {payload}, pesanan x sudah dikirim hari ini. Terima kasih."
    message = c.build_template_message(definition, {"body.1": payload, "body.2": "x"})
    body = message.components[0]
    assert isinstance(body, c.BodyComponent)
    assert body.parameters[0] == c.TextParameter(text=payload)


def test_braces_that_are_no_variable_of_the_template_stay_literal() -> None:
    definition = _definition({"type": "BODY", "text": "Nilai {{7*7}} dan {{env}} tetap {{1}} saja"})
    assert [item.key for item in c.template_variables(definition)] == ["body.1"]
    assert c.render_template(definition, {"body.1": "x"}).body == "Nilai {{7*7}} dan {{env}} tetap x saja"


def test_values_are_made_fit_before_sending() -> None:
    message = c.build_template_message(_definition(BODY), {"body.1": " a\r\n\tb       c ", "body.2": "x"})
    body = message.components[0]
    assert isinstance(body, c.BodyComponent)
    assert body.parameters[0] == c.TextParameter(text="a b    c")
    assert c.sanitise_parameter("a\u2028b") == "a b"


def test_a_body_too_long_once_filled_is_refused() -> None:
    assert _refusal(_definition(BODY), {"body.1": "x" * 1000, "body.2": "x"}) == {("/body", "too_long")}


def test_named_variables_carry_their_names() -> None:
    definition = _definition(
        {"type": "BODY", "text": "Halo {{first_name}}, kode {{code}} ya {{first_name}}."}, named=True
    )
    message = c.build_template_message(definition, {"body.first_name": "Budi", "body.code": "7"})
    assert message.components == (
        c.BodyComponent(
            parameters=(c.TextParameter(text="Budi", name="first_name"), c.TextParameter(text="7", name="code"))
        ),
    )
    assert (
        c.render_template(definition, {"body.first_name": "Budi", "body.code": "7"}).body
        == "Halo Budi, kode 7 ya Budi."
    )


def test_media_headers_take_links_ids_and_parameters_of_their_kind() -> None:
    definition = _definition({"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Halo"})
    image = c.MediaKind.IMAGE
    for value, expected in (
        ("https://x/y.jpg", c.MediaParameter(kind=image, link="https://x/y.jpg")),
        ("4711", c.MediaParameter(kind=image, id="4711")),
        (c.MediaParameter(kind=image, id="1"), c.MediaParameter(kind=image, id="1")),
    ):
        message = c.build_template_message(definition, {"header.media": value})
        assert message.components == (c.HeaderComponent(parameter=expected),)
    wrong = c.MediaParameter(kind=c.MediaKind.VIDEO, id="1")
    assert _refusal(definition, {"header.media": wrong}) == {("/values/header.media", "parameter_kind")}


def test_a_one_time_code_is_given_once_and_sent_twice() -> None:
    definition = _definition(
        {"type": "BODY", "add_security_recommendation": True},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": "Salin"}]},
        category="AUTHENTICATION",
    )
    assert [item.key for item in c.template_variables(definition)] == ["body.1"]
    code = c.TextParameter(text="123456")
    assert c.build_template_message(definition, {"body.1": "123456"}).components == (
        c.BodyComponent(parameters=(code,)),
        c.ButtonComponent(kind=c.ButtonKind.URL, index=0, parameter=code),
    )


def test_a_stored_one_time_code_template_with_a_link_button_works_the_same() -> None:
    definition = _definition(
        {"type": "BODY", "text": "*{{1}}* adalah kode Anda."},
        {
            "type": "BUTTONS",
            "buttons": [{"type": "URL", "text": "Salin", "url": "https://www.whatsapp.com/otp/code/?code=otp{{1}}"}],
        },
        category="AUTHENTICATION",
    )
    rendered = c.render_template(definition, {"body.1": "123456"})
    assert rendered.body == "*123456* adalah kode Anda."
    assert rendered.buttons[0].url == "https://www.whatsapp.com/otp/code/?code=otp123456"
    assert len(c.build_template_message(definition, {"body.1": "123456"}).components) == 2


def test_carousels_and_offers_are_filled_card_by_card() -> None:
    card: JSON = {
        "components": [
            {"type": "HEADER", "format": "IMAGE"},
            {"type": "BODY", "text": "Diskon {{1}} saja"},
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Mau"}]},
        ]
    }
    definition = _definition(
        {"type": "BODY", "text": "Halo {{1}} ya"},
        {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Promo", "has_expiration": True}},
        {"type": "CAROUSEL", "cards": [dict(card), dict(card)]},
        category="MARKETING",
    )
    values: dict[str, c.TemplateValue] = {"body.1": "Budi", "offer.expires_at": "1750000000000"}
    for number in range(2):
        values |= {f"card.{number}.header.media": "https://x/y", f"card.{number}.body.1": f"{number}0%"}
    message = c.build_template_message(definition, values)
    body, offer, carousel = message.components
    assert isinstance(body, c.BodyComponent)
    assert offer == c.LimitedTimeOfferComponent(expiration_time_ms=1_750_000_000_000)
    assert isinstance(carousel, c.CarouselComponent)
    assert [len(part.components) for part in carousel.cards] == [2, 2]
    assert c.render_template(definition, values).cards[1].body == "Diskon 10% saja"
    assert ("/values/card.1.body.1", "variable_missing") in _refusal(
        definition, {key: value for key, value in values.items() if key != "card.1.body.1"}
    )
    assert _refusal(definition, values | {"offer.expires_at": "besok"}) == {
        ("/values/offer.expires_at", "parameter_kind")
    }


def test_a_good_template_has_nothing_to_complain_about() -> None:
    assert c.lint_template(FULL, send_ttl_seconds=3600) == []
    named = _definition(
        {
            "type": "BODY",
            "text": "Halo {{name}}, apa kabar hari ini?",
            "example": {"body_text_named_params": [{"param_name": "name", "example": "Budi"}]},
        },
        named=True,
    )
    assert c.lint_template(named) == []


def _body(text: str) -> JSON:
    return {"type": "BODY", "text": text, "example": {"body_text": [["a", "b", "c", "d"]]}}


def _buttons(*buttons: JSON) -> tuple[JSON, JSON]:
    return ({"type": "BODY", "text": "Halo"}, {"type": "BUTTONS", "buttons": [dict(button) for button in buttons]})


REPLY: JSON = {"type": "QUICK_REPLY", "text": "Ya"}
OTHER: JSON = {"type": "QUICK_REPLY", "text": "Tidak"}
CALL: JSON = {"type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "+62811"}
LINTS: list[tuple[tuple[JSON, ...], str, str]] = [
    ((), "/components", "body_missing"),
    ((BODY, BODY), "/components/1", "component_twice"),
    ((_body("{{1}} halo apa kabar"),), "/components/0/text", "variable_at_edge"),
    ((_body("halo apa kabar {{1}}"),), "/components/0/text", "variable_at_edge"),
    ((_body("halo {{1}} {{2}} apa kabar semua orang"),), "/components/0/text", "variables_adjacent"),
    ((_body("halo {{1}} a {{2}} b"),), "/components/0/text", "too_many_variables"),
    ((_body("halo apa {{1}} kabar semua {{3}} orang di sini"),), "/components/0/text", "variables_not_in_order"),
    ((_body("halo apa {{1}} kabar {{nama}} orang di sini"),), "/components/0/text", "variables_mixed"),
    ((_body("x" * 1025),), "/components/0/text", "too_long"),
    (({"type": "BODY", "text": "halo apa {{1}} kabar"},), "/components/0/example", "example_missing"),
    ((BODY, {"type": "FOOTER", "text": "x" * 61}), "/components/1/text", "too_long"),
    ((BODY, {"type": "FOOTER", "text": "Toko {{1}} ya"}), "/components/1/text", "variable_not_allowed"),
    ((BODY, {"type": "HEADER", "format": "TEXT", "text": "x" * 61}), "/components/1/text", "too_long"),
    (
        (BODY, {"type": "HEADER", "format": "TEXT", "text": "a {{1}} b {{2}}", "example": {"header_text": ["x", "y"]}}),
        "/components/1/text",
        "one_variable_only",
    ),
    ((BODY, {"type": "HEADER", "format": "IMAGE"}), "/components/1/example", "example_missing"),
    ((BODY, {"type": "HEADER", "format": "HOLOGRAM"}), "/components/1/format", "header_format"),
    (
        _buttons(*({"type": "QUICK_REPLY", "text": str(n)} for n in range(11))),
        "/components/1/buttons",
        "count_out_of_range",
    ),
    (_buttons(CALL, {**CALL, "text": "b"}), "/components/1/buttons", "button_limit"),
    (_buttons(REPLY, CALL, OTHER), "/components/1/buttons", "quick_replies_interleaved"),
    (_buttons(REPLY, REPLY), "/components/1/buttons/1/text", "not_unique"),
    (_buttons({"type": "QUICK_REPLY", "text": "x" * 26}), "/components/1/buttons/0/text", "too_long"),
    (
        _buttons({"type": "URL", "text": "a", "url": "https://x/{{1}}/y", "example": ["x"]}),
        "/components/1/buttons/0/url",
        "url_variable_not_last",
    ),
    (
        _buttons({"type": "URL", "text": "a", "url": "https://x/{{1}}"}),
        "/components/1/buttons/0/example",
        "example_missing",
    ),
    (_buttons({"type": "URL", "text": "a", "url": "ftp://x"}), "/components/1/buttons/0/url", "link_not_web"),
    (_buttons({**CALL, "phone_number": "+" + "6" * 20}), "/components/1/buttons/0/phone_number", "too_long"),
    (_buttons({"type": "COPY_CODE", "example": "x" * 16}), "/components/1/buttons/0/example", "too_long"),
    (
        (BODY, {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "x" * 17}}),
        "/components/1/limited_time_offer/text",
        "too_long",
    ),
    ((BODY, {"type": "CAROUSEL", "cards": [{"components": []}]}), "/components/1/cards", "count_out_of_range"),
]


@pytest.mark.parametrize(
    ("components", "pointer", "code"), LINTS, ids=[f"{code}:{pointer}" for _, pointer, code in LINTS]
)
def test_what_review_would_refuse_is_told_at_once(components: tuple[JSON, ...], pointer: str, code: str) -> None:
    found = c.lint_template(_definition(*components))
    assert (pointer, code) in {(item.pointer, item.code) for item in found}


def test_name_language_category_and_lifetime_are_checked() -> None:
    bad = c.TemplateDefinition(name="Order Update", language="Bahasa", category="SPAM", components=(BODY,))
    assert {item.code for item in c.lint_template(bad)} == {"template_name", "language_code", "category"}
    assert [item.code for item in c.lint_template(_definition(BODY), send_ttl_seconds=29)] == ["ttl_out_of_range"]
    assert [item.code for item in c.lint_template(_definition(BODY, category="MARKETING"), send_ttl_seconds=3600)] == [
        "ttl_out_of_range"
    ]


def test_odd_stored_components_are_read_without_failing() -> None:
    odd = _definition(
        {"type": 5},
        {"type": "BUTTONS", "buttons": "x"},
        {"type": "BODY", "text": 7, "example": []},
        {"type": "HEADER", "format": None, "text": None},
        {"type": "CAROUSEL", "cards": [None, "x"]},
        {"type": "LIMITED_TIME_OFFER"},
    )
    assert c.template_variables(odd) == ()
    assert c.render_template(odd, {}).body == ""
    assert c.build_template_message(odd, {}).components == ()
    assert c.lint_template(odd)
