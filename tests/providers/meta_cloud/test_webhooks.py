"""Every webhook shape becomes its event."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blazz.adapters.providers.meta_cloud import parse_webhook, peek_account_ids, peek_number_ids
from blazz.domains.channels import inbound as i
from blazz.domains.channels.failures import FailureCode, Pauses

DATA = Path(__file__).parent / "testdata"
AT = datetime.fromtimestamp(1750000000, UTC)


def _events(name: str) -> tuple[i.InboundEvent, ...]:
    return parse_webhook((DATA / f"{name}.json").read_bytes()).events


def _message(name: str) -> i.InboundMessage:
    (event,) = _events(f"message_{name}")
    assert isinstance(event, i.InboundMessage)
    assert (event.provider_account_id, event.provider_number_id) == ("9001", "1001")
    return event


def _media(kind: str, **fields: object) -> i.InboundMedia:
    return i.InboundMedia(kind=kind, media_id="4711", mime_type=f"{kind}/x", sha256="q83v", **fields)  # type: ignore[arg-type]  # the test names the fields


CONTENTS: dict[str, i.InboundContent] = {
    "text": i.InboundText(body="Halo, masih ada? 😀"),
    "image": _media("image", caption="Foto"),
    "video": _media("video", caption="Video"),
    "audio": _media("audio", voice=True),
    "document": _media("document", filename="nota.pdf", caption="Nota"),
    "sticker": _media("sticker", animated=True),
    "location": i.InboundLocation(
        latitude=-6.2, longitude=106.8, name="Monas", address="Jakarta", url="https://maps.example"
    ),
    "contacts": i.InboundContacts(cards=({"name": {"formatted_name": "Siti"}, "phones": [{"phone": "+62811"}]},)),
    "reaction": i.InboundReaction(provider_message_id="wamid.OUT", emoji="👍"),
    "reaction_removed": i.InboundReaction(provider_message_id="wamid.OUT", emoji=None),
    "button": i.InboundChoice(kind="template_button", id="yes-1", title="Ya"),
    "button_reply": i.InboundChoice(kind="button_reply", id="b1", title="Ya"),
    "list_reply": i.InboundChoice(kind="list_reply", id="r1", title="JNE", description="2 hari"),
    "flow_reply": i.InboundFlowReply(
        name="flow",
        body="Sent",
        response_json='{"flow_token":"t","city":"Solo"}',
        response={"flow_token": "t", "city": "Solo"},
    ),
    "flow_reply_odd": i.InboundFlowReply(name="flow", body="Sent", response_json="[1", response=None),
    "call_permission": i.InboundCallPermission(accepted=True, details={"response": "accept", "is_permanent": False}),
    "order": i.InboundOrder(
        catalog_id="77",
        text="Tolong dikirim",
        items=(i.OrderItem(product_retailer_id="sku-1", quantity=2, item_price="15000", currency="IDR"),),
    ),
    "edit": i.InboundEdit(original_message_id="wamid.text", content=i.InboundText(body="Halo lagi")),
    "revoke": i.InboundRevoke(original_message_id="wamid.text"),
    "request_welcome": i.InboundWelcome(),
    "number_changed": i.InboundSystem(event="user_changed_number", body="changed", new_wa_id="6281222222222"),
    "future_type": i.InboundUnsupported(type="hologram"),
}


@pytest.mark.parametrize("name", sorted(CONTENTS))
def test_each_type_of_message_is_read(name: str) -> None:
    event = _message(name)
    assert event.content == CONTENTS[name]
    assert event.at == AT
    assert event.raw["id"] == event.provider_message_id


def test_the_sender_comes_from_message_and_contact_together() -> None:
    assert _message("text").sender == i.Sender(
        wa_id="6281111111111", bsuid="ID.98abc", username="budi", profile_name="Budi"
    )


def test_a_sender_without_a_phone_is_known_by_the_user_id() -> None:
    event = _message("bsuid_only")
    assert event.sender == i.Sender(
        wa_id=None, bsuid="ID.77zzz", parent_bsuid="ID.ENT.5", username="ani", profile_name="Ani"
    )
    assert event.at.timestamp() == pytest.approx(1750000000.123)


def test_a_user_id_in_the_place_of_the_phone_is_recognised_without_contacts() -> None:
    assert _message("bsuid_in_from").sender == i.Sender(wa_id=None, bsuid="ID.77zzz")


def test_context_referral_and_group_are_kept() -> None:
    assert _message("text").context == i.MessageContext(replied_message_id="wamid.OUT", replied_sender="6281200000001")
    assert _message("forwarded").context == i.MessageContext(forwarded=True, frequently_forwarded=True)
    question = _message("product_question").context
    assert question is not None
    assert (question.catalog_id, question.product_retailer_id) == ("77", "sku-1")
    assert _message("group").group_id == "G-1"
    referral = _message("referral").referral
    assert referral is not None
    assert (referral.source_type, referral.click_id, referral.raw["new_field"]) == ("ad", "clid", 1)
    assert _message("image").context is None


def test_unsupported_messages_keep_their_type_and_errors() -> None:
    poll = _message("unsupported").content
    missing = _message("interactive_missing").content
    assert isinstance(poll, i.InboundUnsupported)
    assert isinstance(missing, i.InboundUnsupported)
    assert (poll.type, missing.type) == ("poll", "interactive")
    assert poll.errors[0].code is FailureCode.MESSAGE_TYPE_UNSUPPORTED
    assert missing.errors[0].detail == "Message type is not supported"


@pytest.mark.parametrize("status", ["sent", "delivered", "read", "played", "deleted"])
def test_each_status_carries_our_id(status: str) -> None:
    (event,) = _events(f"status_{status}")
    assert isinstance(event, i.StatusUpdate)
    assert event.status is i.DeliveryStatus(status)
    assert (event.opaque_id, event.provider_message_id) == ("outbox-42", "wamid.OUT")
    assert (event.recipient_wa_id, event.recipient_bsuid) == ("6281111111111", "ID.98abc")
    assert event.at == datetime.fromtimestamp(1750000001, UTC)


def test_a_sent_status_carries_price_and_conversation() -> None:
    (event,) = _events("status_sent")
    assert isinstance(event, i.StatusUpdate)
    assert event.pricing == i.Pricing(billable=True, category="utility", model="PMP", type="regular")
    assert (event.conversation_id, event.conversation_origin) == ("conv", "utility")
    assert event.conversation_expires_at == datetime.fromtimestamp(1750086400, UTC)


def test_a_failed_status_carries_every_error_in_our_words() -> None:
    (event,) = _events("status_failed")
    assert isinstance(event, i.StatusUpdate)
    assert [error.code for error in event.errors] == [
        FailureCode.RECIPIENT_MARKETING_LIMIT,
        FailureCode.NOT_ON_WHATSAPP,
    ]
    assert event.errors[0].detail == "healthy ecosystem"


def test_a_group_status_names_group_and_participant() -> None:
    (event,) = _events("status_group")
    assert isinstance(event, i.StatusUpdate)
    assert (event.group_id, event.recipient_wa_id, event.recipient_bsuid) == ("G-1", "6281333333333", "ID.33q")


def test_errors_of_a_number_are_told_with_what_they_pause() -> None:
    (event,) = _events("number_errors")
    assert isinstance(event, i.NumberErrors)
    assert event.errors[0].pauses is Pauses.ACCOUNT


def test_template_news_is_read() -> None:
    (rejected,), (paused,) = _events("template_status"), _events("template_paused")
    assert isinstance(rejected, i.TemplateStatusChanged)
    assert isinstance(paused, i.TemplateStatusChanged)
    assert (rejected.event, rejected.reason, rejected.category) == ("REJECTED", "INCORRECT_CATEGORY", "UTILITY")
    assert (rejected.provider_template_id, rejected.name, rejected.language) == (
        "594425479261596",
        "order_update",
        "id",
    )
    assert (paused.event, paused.reason) == ("PAUSED", None)
    (quality,), (category,), (parts,) = (
        _events("template_quality"),
        _events("template_category"),
        _events("template_components"),
    )
    assert isinstance(quality, i.TemplateQualityChanged)
    assert (quality.previous, quality.current) == ("GREEN", "YELLOW")
    assert isinstance(category, i.TemplateCategoryChanged)
    assert (category.previous, category.current, category.correct) == ("UTILITY", "MARKETING", "MARKETING")
    assert isinstance(parts, i.TemplateComponentsChanged)


def test_number_and_account_news_is_read() -> None:
    (quality,), (name,), (capability,) = _events("number_quality"), _events("number_name"), _events("capability")
    assert isinstance(quality, i.NumberQualityChanged)
    assert (quality.event, quality.current_limit, quality.previous_limit) == (
        "THROUGHPUT_UPGRADE",
        "TIER_UNLIMITED",
        "TIER_100K",
    )
    assert isinstance(name, i.NumberNameChanged)
    assert (name.decision, name.requested_name) == ("REJECTED", "Toko")
    assert isinstance(capability, i.CapabilityChanged)
    assert (capability.messaging_limit, capability.max_numbers) == ("-1", 25)


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("account_update", "ACCOUNT_RESTRICTION"),
        ("account_review", "APPROVED"),
        ("account_alerts", "OBA_APPROVED"),
        ("security", "PIN_CHANGED"),
    ],
)
def test_account_events_keep_their_word_and_details(name: str, event: str) -> None:
    (found,) = _events(name)
    assert isinstance(found, i.AccountUpdated)
    assert found.event == event
    assert found.details


def test_preferences_are_read_and_an_unknown_one_is_kept_aside() -> None:
    stop, resume, signup, odd = _events("preferences")
    assert isinstance(stop, i.PreferenceChanged)
    assert isinstance(resume, i.PreferenceChanged)
    assert isinstance(signup, i.PreferenceChanged)
    assert (stop.value, stop.wa_id, stop.at) == ("stop", "6281111111111", AT)
    assert (resume.value, resume.wa_id, resume.bsuid) == ("resume", None, "ID.98abc")
    assert (signup.value, signup.signup_id) == ("signup", "s1")
    assert isinstance(odd, i.Unrecognised)


def test_a_changed_user_id_names_old_and_new() -> None:
    (event,) = _events("user_id")
    assert isinstance(event, i.UserIdChanged)
    assert (event.previous_bsuid, event.current_bsuid) == ("ID.98abc", "ID.99new")


def test_echoes_of_the_phone_app_are_read() -> None:
    sent, revoked = _events("echo")
    assert isinstance(sent, i.MessageEcho)
    assert isinstance(revoked, i.MessageEcho)
    assert (sent.recipient_wa_id, sent.content) == ("6281111111111", i.InboundText(body="Dari HP"))
    assert revoked.content == i.InboundRevoke(original_message_id="wamid.E")


@pytest.mark.parametrize(("name", "reason"), [("status_unknown", "unknown_status"), ("history", "unused_field")])
def test_what_is_not_used_is_kept_with_a_reason(name: str, reason: str) -> None:
    (event,) = _events(name)
    assert isinstance(event, i.Unrecognised)
    assert event.reason == reason
    assert event.raw


def test_the_ids_of_a_body_can_be_peeked_at_and_people_cannot_forge_them() -> None:
    body = (DATA / "message_text.json").read_bytes()
    assert peek_number_ids(body) == {"1001"}
    assert peek_account_ids(body) == {"9001"}
    forged = json.loads(body)
    forged["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] = '"phone_number_id":"6666"'
    assert peek_number_ids(json.dumps(forged).encode()) == {"1001"}
    assert peek_number_ids(b"\xff{") == peek_account_ids(b"\xff{") == frozenset()
