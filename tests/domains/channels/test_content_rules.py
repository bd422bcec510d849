"""Content that breaks a published limit is refused with its place, and content at the limit is not."""

import pytest

from blazz.domains.channels import content as c

K = c.MediaKind
NAME = c.ContactName(formatted_name="Budi", first_name="Budi")
BUTTON = c.ReplyButton(id="y", title="Ya")
BUTTONS = c.ReplyButtons(buttons=(BUTTON,))
CARD = c.CarouselCard(header=c.HeaderMedia(kind=K.IMAGE, link="https://x/1.jpg"), action=BUTTONS)
ROW = c.ListRow(id="1", title="A")


def _rows(count: int) -> tuple[c.ListRow, ...]:
    return tuple(c.ListRow(id=str(number), title="A") for number in range(count))


def _interactive(action: c.Action, **fields: object) -> c.Interactive:
    return c.Interactive(**({"action": action, "body": "isi"} | fields))  # type: ignore[arg-type]  # the test names the fields


def _list(*sections: c.ListSection) -> c.Interactive:
    return _interactive(c.ListMenu(button="Pilih", sections=sections))


def _template(*components: c.TemplateComponent, name: str = "promo", language: str = "id") -> c.TemplateMessage:
    return c.TemplateMessage(name=name, language=language, components=components)


def _body(*texts: str) -> c.BodyComponent:
    return c.BodyComponent(parameters=tuple(c.TextParameter(text=text) for text in texts))


def _products(sections: int, items: int) -> c.ProductList:
    section = c.ProductSection(title="A", product_retailer_ids=tuple(map(str, range(items))))
    return c.ProductList(catalog_id="c", sections=(section,) * sections)


ACCEPTED: list[c.Content] = [
    c.Text(body="x" * 4096),
    c.Media(kind=K.IMAGE, link="https://x/y", caption="x" * 1024),
    c.Media(kind=K.AUDIO, id="1", voice=True),
    c.Media(kind=K.DOCUMENT, id="1", filename="a.pdf"),
    c.Location(latitude=-90, longitude=180),
    c.ContactCards(cards=(c.ContactCard(name=NAME, birthday="1990-01-31"),) * 257),
    c.Reaction(message_id="wamid.X", emoji="👨‍👩‍👧‍👦"),
    c.Reaction(message_id="wamid.X", emoji="1️⃣"),
    c.Reaction(message_id="wamid.X"),
    _interactive(BUTTONS, body="x" * 1024, footer="x" * 60, header=c.HeaderText(text="x" * 60)),
    _interactive(BUTTONS, header=c.HeaderMedia(kind=K.VIDEO, id="1")),
    _list(c.ListSection(rows=_rows(10))),
    _interactive(c.CtaUrl(display_text="x" * 20, url="https://x.id")),
    _interactive(c.FlowLaunch(flow_cta="Isi", flow_token="t", flow_id="1")),
    _interactive(c.LocationRequest()),
    _interactive(c.ContactInfoRequest()),
    _interactive(c.VoiceCall(display_text="Telepon", ttl_minutes=43200)),
    c.Interactive(action=c.CallPermissionRequest()),
    c.Interactive(action=c.Product(catalog_id="c", product_retailer_id="s")),
    _interactive(_products(1, 30), header=c.HeaderText(text="judul")),
    _interactive(c.CatalogMessage()),
    _interactive(c.Carousel(cards=(CARD,) * 10)),
    _interactive(c.OrderDetails(parameters={"reference_id": "r"})),
    _interactive(c.OrderStatus(reference_id="r", status="shipped")),
    _template(_body("Budi", "a    b"), language="en_US"),
    _template(c.LimitedTimeOfferComponent(expiration_time_ms=1_750_000_000_000)),
]

REFUSED: list[tuple[c.Content, str, str]] = [
    (c.Text(body="x" * 4097), "/body", "too_long"),
    (c.Text(body=" \n"), "/body", "empty"),
    (c.Media(kind=K.IMAGE), "/id", "source_missing"),
    (c.Media(kind=K.IMAGE, id="1", link="https://x"), "/link", "source_twice"),
    (c.Media(kind=K.IMAGE, link="http://x"), "/link", "link_not_https"),
    (c.Media(kind=K.IMAGE, id="1", caption="x" * 1025), "/caption", "too_long"),
    (c.Media(kind=K.AUDIO, id="1", caption="x"), "/caption", "caption_not_allowed"),
    (c.Media(kind=K.STICKER, id="1", caption="x"), "/caption", "caption_not_allowed"),
    (c.Media(kind=K.IMAGE, id="1", filename="x"), "/filename", "filename_only_for_documents"),
    (c.Media(kind=K.VIDEO, id="1", voice=True), "/voice", "voice_only_for_audio"),
    (c.Media(kind=K.GIF, id="1"), "/kind", "gif_only_in_templates"),
    (c.Location(latitude=90.1, longitude=0), "/latitude", "coordinate_out_of_range"),
    (c.Location(latitude=0, longitude=float("nan")), "/longitude", "coordinate_out_of_range"),
    (c.ContactCards(cards=()), "/cards", "count_out_of_range"),
    (c.ContactCards(cards=(c.ContactCard(name=NAME),) * 258), "/cards", "count_out_of_range"),
    (
        c.ContactCards(cards=(c.ContactCard(name=c.ContactName(formatted_name="x")),)),
        "/cards/0/name",
        "name_part_missing",
    ),
    (c.ContactCards(cards=(c.ContactCard(name=NAME, birthday="31-01-1990"),)), "/cards/0/birthday", "birthday_format"),
    (c.ContactCards(cards=(c.ContactCard(name=NAME, phones=(c.ContactPhone(),)),)), "/cards/0/phones/0", "empty"),
    (c.Reaction(message_id="", emoji="👍"), "/message_id", "empty"),
    (c.Reaction(message_id="w", emoji="ok"), "/emoji", "not_one_emoji"),
    (c.Interactive(action=BUTTONS), "/body", "body_required"),
    (_interactive(BUTTONS, body="x" * 1025), "/body", "too_long"),
    (_interactive(BUTTONS, footer="x" * 61), "/footer", "too_long"),
    (_interactive(BUTTONS, header=c.HeaderText(text="x" * 61)), "/header/text", "too_long"),
    (_interactive(BUTTONS, header=c.HeaderMedia(kind=K.AUDIO, id="1")), "/header/kind", "header_media_kind"),
    (_interactive(c.ReplyButtons(buttons=())), "/action/buttons", "count_out_of_range"),
    (
        _interactive(c.ReplyButtons(buttons=tuple(c.ReplyButton(id=str(n), title=str(n)) for n in range(4)))),
        "/action/buttons",
        "count_out_of_range",
    ),
    (_interactive(c.ReplyButtons(buttons=(BUTTON, BUTTON))), "/action/buttons/1/id", "not_unique"),
    (
        _interactive(c.ReplyButtons(buttons=(c.ReplyButton(id="y", title="x" * 21),))),
        "/action/buttons/0/title",
        "too_long",
    ),
    (
        _interactive(c.ReplyButtons(buttons=(c.ReplyButton(id="y" * 257, title="x"),))),
        "/action/buttons/0/id",
        "too_long",
    ),
    (_list(c.ListSection(rows=_rows(11))), "/action/sections", "count_out_of_range"),
    (_list(), "/action/sections", "count_out_of_range"),
    (
        _list(c.ListSection(rows=(ROW,)), c.ListSection(rows=(c.ListRow(id="2", title="B"),))),
        "/action/sections/0/title",
        "section_title_required",
    ),
    (_list(c.ListSection(rows=(ROW, ROW))), "/action/sections/0/rows/1/id", "not_unique"),
    (
        _list(c.ListSection(rows=(c.ListRow(id="1", title="A", description="x" * 73),))),
        "/action/sections/0/rows/0/description",
        "too_long",
    ),
    (_list(c.ListSection(rows=(c.ListRow(id="1" * 201, title="A"),))), "/action/sections/0/rows/0/id", "too_long"),
    (_list(c.ListSection(title="x" * 25, rows=(ROW,))), "/action/sections/0/title", "too_long"),
    (_interactive(c.ListMenu(button="x" * 21, sections=(c.ListSection(rows=(ROW,)),))), "/action/button", "too_long"),
    (
        _interactive(
            c.ListMenu(button="x", sections=(c.ListSection(rows=(ROW,)),)), header=c.HeaderMedia(kind=K.IMAGE, id="1")
        ),
        "/header",
        "header_text_only",
    ),
    (_interactive(c.CtaUrl(display_text="x", url="javascript:1")), "/action/url", "link_not_web"),
    (
        _interactive(c.FlowLaunch(flow_cta="Isi 😀", flow_token="t", flow_id="1")),
        "/action/flow_cta",
        "emoji_not_allowed",
    ),
    (_interactive(c.FlowLaunch(flow_cta="Isi", flow_token="t")), "/action/flow_id", "flow_reference"),
    (
        _interactive(c.FlowLaunch(flow_cta="Isi", flow_token="t", flow_id="1", flow_name="f")),
        "/action/flow_id",
        "flow_reference",
    ),
    (_interactive(c.FlowLaunch(flow_cta="Isi", flow_token="", flow_id="1")), "/action/flow_token", "empty"),
    (_interactive(c.VoiceCall(display_text="x", ttl_minutes=43201)), "/action/ttl_minutes", "number_out_of_range"),
    (
        _interactive(c.Product(catalog_id="c", product_retailer_id="s"), header=c.HeaderText(text="x")),
        "/header",
        "header_not_allowed",
    ),
    (_interactive(_products(1, 3)), "/header", "header_text_required"),
    (_interactive(_products(2, 16), header=c.HeaderText(text="x")), "/action/sections", "count_out_of_range"),
    (_interactive(c.Carousel(cards=(CARD,))), "/action/cards", "count_out_of_range"),
    (
        _interactive(
            c.Carousel(
                cards=(CARD, c.CarouselCard(header=CARD.header, action=c.CtaUrl(display_text="x", url="https://x")))
            )
        ),
        "/action/cards",
        "cards_differ",
    ),
    (
        _interactive(c.Carousel(cards=(CARD, c.CarouselCard(header=CARD.header, action=BUTTONS, body="x" * 161)))),
        "/action/cards/1/body",
        "too_long",
    ),
    (
        _interactive(
            c.Carousel(cards=(CARD, c.CarouselCard(header=c.HeaderMedia(kind=K.IMAGE, id="1"), action=BUTTONS)))
        ),
        "/action/cards/1/header/link",
        "card_header_link",
    ),
    (_interactive(c.OrderDetails(parameters={})), "/action/parameters", "empty"),
    (_template(name="Promo"), "/name", "template_name"),
    (_template(language="Indonesia"), "/language", "language_code"),
    (_template(_body("a"), _body("b")), "/components/1", "component_twice"),
    (_template(_body("a\nb")), "/components/0/parameters/0/text", "parameter_whitespace"),
    (_template(_body("a\tb")), "/components/0/parameters/0/text", "parameter_whitespace"),
    (_template(_body("a     b")), "/components/0/parameters/0/text", "parameter_whitespace"),
    (_template(_body("")), "/components/0/parameters/0/text", "empty"),
    (
        _template(c.BodyComponent(parameters=(c.TextParameter(text="a", name="x"), c.TextParameter(text="b")))),
        "/components/0/parameters",
        "mixed_names",
    ),
    (
        _template(c.BodyComponent(parameters=(c.CurrencyParameter(fallback_value="Rp1", code="rp", amount_1000=1),))),
        "/components/0/parameters/0/code",
        "currency_code",
    ),
    (
        _template(
            c.ButtonComponent(kind=c.ButtonKind.COPY_CODE, index=0, parameter=c.CouponParameter(coupon_code="x" * 16))
        ),
        "/components/0/parameter/coupon_code",
        "coupon_code",
    ),
    (
        _template(c.ButtonComponent(kind=c.ButtonKind.URL, index=0, parameter=c.PayloadParameter(payload="x"))),
        "/components/0/parameter",
        "parameter_kind",
    ),
    (
        _template(
            c.ButtonComponent(kind=c.ButtonKind.QUICK_REPLY, index=10, parameter=c.PayloadParameter(payload="x"))
        ),
        "/components/0/index",
        "number_out_of_range",
    ),
    (
        _template(
            c.ButtonComponent(kind=c.ButtonKind.QUICK_REPLY, index=0, parameter=c.PayloadParameter(payload="x" * 257))
        ),
        "/components/0/parameter/payload",
        "too_long",
    ),
    (
        _template(c.HeaderComponent(parameter=c.MediaParameter(kind=K.IMAGE))),
        "/components/0/parameter/id",
        "source_missing",
    ),
    (
        _template(c.LimitedTimeOfferComponent(expiration_time_ms=1_750_000_000)),
        "/components/0/expiration_time_ms",
        "number_out_of_range",
    ),
    (
        _template(c.CarouselComponent(cards=(c.TemplateCard(card_index=1, components=()),) * 2)),
        "/components/0/cards/0/card_index",
        "card_index_order",
    ),
]


@pytest.mark.parametrize("content", ACCEPTED, ids=lambda content: content.type)
def test_content_within_the_limits_is_accepted(content: c.Content) -> None:
    assert c.validate(content) == []


@pytest.mark.parametrize(
    ("content", "pointer", "code"), REFUSED, ids=[f"{code}:{pointer}" for _, pointer, code in REFUSED]
)
def test_content_past_a_limit_is_refused_with_its_place(content: c.Content, pointer: str, code: str) -> None:
    problems = c.validate(content)
    assert (pointer, code) in {(item.pointer, item.code) for item in problems}
    assert all(item.en and item.id and item.en != item.id and "{l" not in item.en + item.id for item in problems)


@pytest.mark.parametrize(("content", "pointer", "code"), REFUSED)
def test_every_content_survives_storage(content: c.Content, pointer: str, code: str) -> None:
    if not isinstance(content, c.Location):
        assert c.from_json(c.to_json(content)) == content


def test_files_are_checked_before_upload() -> None:
    assert c.check_upload(K.IMAGE, "image/png", 5 * 1024 * 1024) == []
    assert c.check_upload(K.AUDIO, "audio/ogg; codecs=opus", 10) == []
    assert c.check_upload(K.DOCUMENT, "application/x-anything", 10) == []
    assert [item.code for item in c.check_upload(K.IMAGE, "image/gif", 5 * 1024 * 1024 + 1)] == [
        "media_type_refused",
        "media_too_large",
    ]
    assert [item.code for item in c.check_upload(K.STICKER, "image/webp", 0)] == ["media_empty"]
