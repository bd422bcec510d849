"""Content survives storage unchanged, and anything that is not content is refused with its place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blazz.domains.channels import content as c

EXAMPLES: list[c.Content] = [
    c.Text(body="Halo"),
    c.Text(body="Halo", preview_url=True),
    c.Media(kind=c.MediaKind.AUDIO, id="1", voice=True),
    c.Location(latitude=-6.2, longitude=106.8, name="Monas"),
    c.Location(latitude=1, longitude=2),
    c.ContactCards(
        cards=(
            c.ContactCard(
                name=c.ContactName(formatted_name="Budi", first_name="B"),
                phones=(c.ContactPhone(phone="+62811", type="CELL"),),
                emails=(c.ContactEmail(email="a@b", type="WORK"),),
                org=c.ContactOrganization(company="PT"),
            ),
        )
    ),
    c.Reaction(message_id="w", emoji="👍"),
    c.Interactive(
        action=c.FlowLaunch(flow_cta="Isi", flow_token="t", flow_id="1", data={"a": [1, None, {"b": 1.5}]}),
        body="isi",
        header=c.HeaderMedia(kind=c.MediaKind.IMAGE, id="1"),
    ),
    c.Interactive(action=c.LocationRequest(), body="Di mana?"),
    c.Interactive(
        action=c.Carousel(
            cards=(
                c.CarouselCard(
                    header=c.HeaderMedia(kind=c.MediaKind.IMAGE, link="https://x"),
                    action=c.CtaUrl(display_text="Buka", url="https://x"),
                ),
            )
        ),
        body="isi",
    ),
    c.TemplateMessage(
        name="promo",
        language="id",
        components=(
            c.HeaderComponent(parameter=c.LocationParameter(location=c.Location(latitude=1.0, longitude=2.0))),
            c.BodyComponent(parameters=(c.TextParameter(text="a", name="x"), c.DateTimeParameter(fallback_value="b"))),
            c.ButtonComponent(kind=c.ButtonKind.URL, index=1, parameter=c.TextParameter(text="z")),
            c.CarouselComponent(cards=(c.TemplateCard(card_index=0, components=()),)),
        ),
        marketing=c.MarketingDelivery(product_policy="STRICT"),
    ),
]


@pytest.mark.parametrize("content", EXAMPLES, ids=lambda content: content.type)
def test_content_survives_storage_as_json(content: c.Content) -> None:
    assert c.from_json(json.loads(json.dumps(c.to_json(content)))) == content


def test_the_stored_form_is_small_and_tagged() -> None:
    assert c.to_json(c.Text(body="Halo")) == {"type": "text", "body": "Halo"}
    assert c.to_json(c.Reaction(message_id="w")) == {"type": "reaction", "message_id": "w"}


@given(st.text(), st.booleans())
def test_any_text_survives(body: str, preview: bool) -> None:
    assert c.from_json(c.to_json(c.Text(body=body, preview_url=preview))) == c.Text(body=body, preview_url=preview)


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        (None, "/type"),
        ([], "/type"),
        ({}, "/type"),
        ({"type": "hologram"}, "/type"),
        ({"type": ["text"]}, "/type"),
        ({"type": "text"}, "/body"),
        ({"type": "text", "body": 5}, "/body"),
        ({"type": "text", "body": "x", "preview_url": 1}, "/preview_url"),
        ({"type": "text", "body": "x", "extra": 1}, "/extra"),
        ({"type": "media", "kind": "hologram"}, "/kind"),
        ({"type": "media", "kind": None}, "/kind"),
        ({"type": "location", "latitude": True, "longitude": 1}, "/latitude"),
        ({"type": "contacts", "cards": {}}, "/cards"),
        ({"type": "contacts", "cards": [{"name": "x"}]}, "/cards/0/name"),
        ({"type": "interactive", "action": {"type": "text", "body": "x"}}, "/action/type"),
        (
            {"type": "interactive", "action": {"type": "flow", "flow_cta": "x", "flow_token": "t", "mode": "live"}},
            "/action/mode",
        ),
        (
            {
                "type": "template",
                "name": "x",
                "language": "id",
                "components": [{"type": "body", "parameters": [{"type": "media"}]}],
            },
            "/components/0/parameters/0/type",
        ),
    ],
)
def test_what_is_not_content_is_refused_with_its_place(value: object, pointer: str) -> None:
    with pytest.raises(c.ContentFormatError) as raised:
        c.from_json(value)
    assert raised.value.pointer == pointer
