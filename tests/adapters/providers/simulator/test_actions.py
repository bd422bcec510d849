"""Everything the control door can make happen, read back by the real Cloud adapter."""

import base64
from collections.abc import Mapping
from pathlib import Path

import pytest

from blazz.adapters.providers.meta_cloud.webhooks import parse_webhook
from blazz.adapters.providers.simulator.actions import ACTIONS
from blazz.adapters.providers.simulator.people import user_id
from blazz.domains.channels.inbound import InboundEvent, InboundMessage, MessageEcho, PreferenceChanged, Unrecognised
from tests.adapters.providers.simulator.stage import (
    OTHER,
    PERSON,
    Json,
    Stage,
    code_of,
    staged,
    template,
)

WHO: Json = {"from": PERSON}
INBOUND: Mapping[str, tuple[Json, str]] = {
    "text": ({"text": "Halo", "reply_to": "wamid.A"}, "InboundText"),
    "media": ({"kind": "audio"}, "InboundMedia"),
    "tap": ({"payload": "ya", "title": "Ya"}, "InboundChoice"),
    "reaction": ({"message_id": "wamid.A"}, "InboundReaction"),
    "location": ({"latitude": -6.2, "longitude": 106.8, "name": "Monas"}, "InboundLocation"),
    "order": ({"items": [{"product_retailer_id": "p", "quantity": 2, "item_price": 5000}]}, "InboundOrder"),
    "referral": ({}, "InboundText"),
    "flow_reply": ({"response": {"nama": "Budi"}}, "InboundFlowReply"),
    "edit": ({"original": "wamid.A", "text": "Halo lagi"}, "InboundEdit"),
    "revoke": ({"original": "wamid.A"}, "InboundRevoke"),
    "system": ({"event": "user_changed_number", "new_wa_id": OTHER}, "InboundSystem"),
    "unsupported": ({}, "InboundUnsupported"),
    "message": ({"type": "request_welcome"}, "InboundWelcome"),
}
NEWS: Mapping[str, tuple[Json, str]] = {
    "echo": ({"to": PERSON, "text": "Dari HP"}, "MessageEcho"),
    "preference": (WHO | {"value": "stop"}, "PreferenceChanged"),
    "number_quality": ({"quality": "RED"}, "NumberQualityChanged"),
    "number_throughput": ({"messages_per_second": 1000}, "NumberQualityChanged"),
    "number_name": ({"decision": "APPROVED", "name": "Toko Baru"}, "NumberNameChanged"),
    "template_status": ({"template": "promo_gajian", "status": "PAUSED"}, "TemplateStatusChanged"),
    "template_quality": ({"template": "promo_gajian", "quality": "YELLOW"}, "TemplateQualityChanged"),
    "template_category": ({"template": "info_pesanan", "category": "MARKETING"}, "TemplateCategoryChanged"),
    "account_update": ({"event": "DISABLED_UPDATE", "details": {"ban_info": {}}}, "AccountUpdated"),
    "account_review": ({"decision": "REJECTED"}, "AccountUpdated"),
    "account_alert": ({"alert_type": "OBA_APPROVED"}, "AccountUpdated"),
    "webhook": ({"field": "account_update", "value": {"event": "PARTNER_ADDED"}}, "AccountUpdated"),
}


async def events_after(stage: Stage, name: str, body: Json) -> list[InboundEvent]:
    await stage.control(name, body)
    await stage.drain()
    return [event for raw in stage.callback.bodies for event in parse_webhook(raw).events]


@pytest.mark.parametrize("name", INBOUND)
async def test_each_kind_of_inbound_message_is_understood(stage: Stage, name: str) -> None:
    body, kind = INBOUND[name]
    (event,) = await events_after(stage, name, WHO | body)
    assert isinstance(event, InboundMessage)
    assert type(event.content).__name__ == kind
    assert (event.sender.wa_id, event.sender.bsuid) == (PERSON, user_id(PERSON))
    assert (event.referral is not None) is (name == "referral")
    assert (event.context is not None) is (name == "text")
    # Whoever wrote may be answered freely.
    assert (await stage.send({"text": {"body": "Hai"}})).status_code == 200


@pytest.mark.parametrize("name", NEWS)
async def test_each_kind_of_news_is_understood(stage: Stage, name: str) -> None:
    body, kind = NEWS[name]
    events = await events_after(stage, name, body)
    assert [type(event).__name__ for event in events] == [kind]


def test_every_action_explains_itself() -> None:
    assert all(action.help.endswith(".") for action in ACTIONS.values())


async def test_the_door_lists_its_actions_and_refuses_what_it_does_not_know(stage: Stage) -> None:
    listed = (await stage.client.get("/_sim/actions")).json()["actions"]
    assert listed.keys() == ACTIONS.keys()
    assert (await stage.client.get("/_sim/health")).status_code == 200
    unknown = await stage.client.post("/_sim/dance")
    assert (unknown.status_code, code_of(unknown)) == (400, 100)
    broken = await stage.client.post("/_sim/text", content=b"{")
    assert code_of(broken) == 100
    assert "from" in await stage.refused_control("text", {"text": "x"})
    assert "from" in await stage.refused_control("customers", {"from": "budi", "text": "x"})
    assert "colour" in await stage.refused_control("text", WHO | {"text": "x", "colour": "red"})
    assert "999" in await stage.refused_control("text", WHO | {"text": "x", "number_id": "999"})
    assert code_of(await stage.client.get("/_sim/acceptances?limit=x")) == 100


async def test_somebody_with_a_username_shows_no_phone(stage: Stage) -> None:
    hidden = WHO | {"text": "Halo", "bsuid_only": True, "username": "budi"}
    (event,) = await events_after(stage, "text", hidden)
    assert isinstance(event, InboundMessage)
    assert (event.sender.wa_id, event.sender.bsuid, event.sender.username) == (None, user_id(PERSON), "budi")
    assert PERSON.encode() not in stage.callback.bodies[0]
    answered = await stage.send({"to": "", "recipient": user_id(PERSON), "text": {"body": "Hai"}})
    assert answered.status_code == 200


async def test_somebody_with_an_id_alone_writes_and_stops_marketing(tmp_path: Path) -> None:
    async with staged(tmp_path, user_ids=False) as stage:
        (event,) = await events_after(stage, "text", {"from": "ID.stranger", "text": "Halo"})
        assert isinstance(event, InboundMessage)
        assert (event.sender.wa_id, event.sender.bsuid) == (None, "ID.stranger")
        stage.callback.bodies.clear()
        (wish,) = await events_after(stage, "preference", {"from": "ID.stranger", "value": "stop"})
        assert isinstance(wish, PreferenceChanged)
        assert (wish.wa_id, wish.bsuid, wish.value) == (None, "ID.stranger", "stop")


async def test_a_changed_id_comes_as_a_message_and_as_a_field(stage: Stage) -> None:
    body = WHO | {"event": "user_changed_user_id", "new_user_id": "ID.new"}
    kinds = sorted(type(event).__name__ for event in await events_after(stage, "system", body))
    assert kinds == ["InboundMessage", "UserIdChanged"]
    assert "new_wa_id" in await stage.refused_control("system", WHO | {"event": "user_changed_number"})


async def test_calls_come_as_their_own_field_and_open_the_window(stage: Stage) -> None:
    for body in ({"event": "connect"}, {"event": "terminate", "seconds": 12}):
        await stage.control("call", WHO | body)
    await stage.drain()
    calls = [call for value in stage.callback.changes("calls") for call in value["calls"]]  # type: ignore[attr-defined]
    assert sorted(call["event"] for call in calls) == ["connect", "terminate"]
    events = [event for raw in stage.callback.bodies for event in parse_webhook(raw).events]
    assert all(isinstance(event, Unrecognised) and event.reason == "unused_field" for event in events)
    assert (await stage.send({"text": {"body": "Hai"}})).status_code == 200


async def test_an_echo_names_the_owner_and_the_customer(stage: Stage) -> None:
    (event,) = await events_after(stage, "echo", {"to": PERSON, "text": "Dari HP"})
    assert isinstance(event, MessageEcho)
    assert event.recipient_wa_id == PERSON


async def test_files_come_from_the_shelf_the_data_folder_or_the_order(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"clip")
    own = await stage.control("media", WHO | {"kind": "video", "file": "clip.mp4", "mime_type": "video/mp4"})
    again = await stage.control("media", WHO | {"kind": "video", "media_id": own["media_id"]})
    assert again["media_id"] == own["media_id"]
    data = base64.b64encode(b"webp").decode()
    await stage.control("media", WHO | {"kind": "sticker", "data": data, "mime_type": "image/webp"})
    await stage.drain()
    assert sorted(str(one["type"]) for one in stage.callback.items("messages")) == ["sticker", "video", "video"]
    for body, words in (
        ({"kind": "video"}, "no built-in video"),
        ({"kind": "image", "data": data}, "mime_type"),
        ({"kind": "image", "data": "?", "mime_type": "image/png"}, "base64"),
        ({"kind": "image", "file": "none.png", "mime_type": "image/png"}, "none.png"),
        ({"kind": "image", "file": "../secret", "mime_type": "image/png"}, "data folder"),
        ({"kind": "image", "media_id": "123"}, "unknown"),
    ):
        assert words in await stage.refused_control("media", WHO | body)


async def test_interactive_presses_name_their_button(stage: Stage) -> None:
    for kind in ("button_reply", "list_reply"):
        await stage.control("tap", WHO | {"payload": "p", "kind": kind})
    await stage.drain()
    shown = [one["interactive"] for one in stage.callback.items("messages")]
    assert {str(one["type"]) for one in shown if isinstance(one, dict)} == {"button_reply", "list_reply"}


async def test_a_status_can_be_reported_for_any_accepted_message(stage: Stage) -> None:
    sent = await stage.send(template() | {"biz_opaque_callback_data": "o"})
    wamid = sent.json()["messages"][0]["id"]
    await stage.control("status", {"message_id": wamid, "status": "failed", "code": 131049})
    await stage.control("status", {"message_id": wamid, "status": "deleted"})
    await stage.drain()
    assert {str(one["status"]) for one in stage.callback.items("statuses")} == {"sent", "failed", "deleted"}
    assert "not accepted" in await stage.refused_control("status", {"message_id": "wamid.X", "status": "read"})


async def test_quality_tier_and_name_are_kept_and_told_in_the_right_words(stage: Stage) -> None:
    for quality in ("YELLOW", "YELLOW", "GREEN", "RED", "GREEN"):
        await stage.control("number_quality", {"quality": quality})
    await stage.control("number_tier", {"tier": "TIER_250"})
    await stage.control("number_tier", {"tier": "TIER_2K"})
    await stage.control("number_name", {"decision": "REJECTED", "name": "X", "reason": "NAME"})
    await stage.drain()
    events = [str(one["event"]) for one in stage.callback.changes("phone_number_quality_update")]
    expected = ["DOWNGRADE", "UPGRADE", "FLAGGED", "UNFLAGGED", "DOWNGRADE", "UPGRADE"]
    assert sorted(events) == sorted(expected)
    limits = [
        one["max_daily_conversations_per_business"] for one in stage.callback.changes("business_capability_update")
    ]
    assert sorted(map(str, limits)) == ["TIER_250", "TIER_2K"]
    shown = (await stage.graph("GET", "200000000000001")).json()
    assert (shown["quality_rating"], shown["name_status"]) == ("GREEN", "DECLINED")
    assert shown["whatsapp_business_manager_messaging_limit"] == "TIER_2K"


async def test_templates_change_quality_category_and_pace(stage: Stage) -> None:
    await stage.control("template_quality", {"template": "sapa_pelanggan", "quality": "RED", "pauses": True})
    assert code_of(await stage.send(template())) == 132015
    await stage.control("template_category", {"template": "info_pesanan", "category": "MARKETING", "announce": True})
    held = stage.simulator.templates.find("info_pesanan", "id")
    assert held.category == "UTILITY"
    await stage.control("template_category", {"template": "info_pesanan", "category": "MARKETING"})
    assert held.category == "MARKETING"
    await stage.control("template_pacing", {"messages": 1})
    answers = [await stage.send(template("info_pesanan", "a", "b")) for _ in range(2)]
    told = [one.json()["messages"][0]["message_status"] for one in answers]
    assert told == ["held_for_quality_assessment", "accepted"]
    assert "nothing" in await stage.refused_control("template_status", {"template": "nothing", "status": "PAUSED"})
    await stage.control("template_status", {"template": "info_pesanan", "status": "PENDING"})
    assert code_of(await stage.send(template("info_pesanan", "a", "b"))) == 132001


async def test_acceptances_can_be_looked_up(stage: Stage) -> None:
    for person, opaque in ((PERSON, "a"), (OTHER, "b"), (PERSON, "c")):
        await stage.send(template() | {"to": person, "biz_opaque_callback_data": opaque})
    look = stage.client.get
    assert [one["opaque"] for one in (await look("/_sim/acceptances")).json()["data"]] == ["a", "b", "c"]
    mine = (await look(f"/_sim/acceptances?to={PERSON}&after=1")).json()
    assert [one["opaque"] for one in mine["data"]] == ["c"]
    assert mine["after"] == 2
    assert len((await look("/_sim/acceptances?opaque=b&limit=1")).json()["data"]) == 1
