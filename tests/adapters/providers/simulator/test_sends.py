"""Sends of every type: what is accepted, what is refused, and how the refusal looks."""

from pathlib import Path

import httpx
import pytest

from blazz.adapters.providers.simulator.people import People, user_id
from tests.adapters.providers.simulator.stage import (
    NUMBER,
    PERSON,
    Json,
    Stage,
    code_of,
    details_of,
    error_of,
    staged,
    template,
)

CARD: Json = {"name": {"formatted_name": "Budi Santoso", "first_name": "Budi"}, "phones": [{"phone": "+62812"}]}
LINK = "https://example.com/file"


@pytest.mark.parametrize(
    "body",
    [
        {"text": {"body": "Halo", "preview_url": True}},
        {"type": "text", "text": {"body": "Halo"}, "context": {"message_id": "wamid.A"}},
        {"type": "image", "image": {"link": LINK, "caption": "Ini"}},
        {"type": "video", "video": {"link": LINK}},
        {"type": "audio", "audio": {"link": LINK, "voice": True}},
        {"type": "document", "document": {"link": LINK, "filename": "a.pdf"}},
        {"type": "sticker", "sticker": {"link": LINK}},
        {"type": "location", "location": {"latitude": -6.2, "longitude": "106.8", "name": "Jakarta"}},
        {"type": "contacts", "contacts": [CARD]},
        {"type": "reaction", "reaction": {"message_id": "wamid.A", "emoji": ""}},
    ],
)
async def test_inside_the_window_every_type_is_accepted(stage: Stage, body: Json) -> None:
    await stage.open_window()
    answer = await stage.send(body | {"biz_opaque_callback_data": "outbox-42"})
    assert answer.status_code == 200
    told = answer.json()
    assert told["messaging_product"] == "whatsapp"
    assert told["contacts"] == [{"input": PERSON, "wa_id": PERSON, "user_id": user_id(PERSON)}]
    assert told["messages"][0]["id"].startswith("wamid.")
    assert "message_status" not in told["messages"][0]
    (entry,) = stage.simulator.log.read()
    assert (entry.to, entry.opaque, entry.type) == (PERSON, "outbox-42", body.get("type", "text"))


async def test_a_template_is_accepted_outside_the_window_and_free_text_is_not(stage: Stage) -> None:
    accepted = await stage.send(template())
    assert accepted.json()["messages"][0]["message_status"] == "accepted"
    refused = await stage.send({"text": {"body": "Halo"}})
    assert (refused.status_code, code_of(refused)) == (400, 131047)


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"messaging_product": "sms", "text": {"body": "x"}}, 100, "messaging_product"),
        ({"recipient_type": "group", "text": {"body": "x"}}, 100, "recipient_type"),
        ({"to": "", "text": {"body": "x"}}, 131008, "to or recipient"),
        ({"to": "abc", "text": {"body": "x"}}, 131009, "digits"),
        ({"to": "+62 811-1000-001", "text": {"body": "x"}}, 131021, "same number"),
        ({"to": "", "recipient": "nobody", "text": {"body": "x"}}, 131009, "business-scoped"),
        ({"type": "poll", "poll": {}}, 131051, "poll"),
        ({"type": "text"}, 131008, "text is required"),
        ({"type": "text", "text": "Halo"}, 131009, "must be an object"),
        ({"text": {"body": ""}}, 131008, "text.body"),
        ({"text": {"body": 7}}, 131009, "text.body"),
        ({"text": {"body": "x" * 4097}}, 131009, "4096"),
        ({"text": {"body": "x", "preview_url": "yes"}}, 131009, "preview_url"),
        ({"text": {"body": "x"}, "biz_opaque_callback_data": "x" * 513}, 131009, "512"),
        ({"text": {"body": "x"}, "context": {}}, 131008, "context.message_id"),
        ({"text": {"body": "x"}, "recipient_identity_key_hash": "old"}, 137000, "identity"),
        ({"type": "image", "image": {}}, 131008, "id or a link"),
        ({"type": "image", "image": {"id": "1", "link": LINK}}, 100, "not both"),
        ({"type": "image", "image": {"link": "ftp://x"}}, 131009, "http"),
        ({"type": "image", "image": {"id": "123"}}, 131009, "unknown"),
        ({"type": "image", "image": {"link": LINK, "caption": "x" * 1025}}, 131009, "1024"),
        ({"type": "image", "image": {"link": LINK, "filename": "a"}}, 100, "filename"),
        ({"type": "audio", "audio": {"link": LINK, "caption": "x"}}, 100, "caption"),
        ({"type": "audio", "audio": {"link": LINK, "voice": "yes"}}, 100, "voice"),
        ({"type": "location", "location": {"latitude": 1}}, 131008, "longitude"),
        ({"type": "location", "location": {"latitude": 91, "longitude": 1}}, 131009, "between -90 and 90"),
        ({"type": "location", "location": {"latitude": "here", "longitude": 1}}, 131009, "a number"),
        ({"type": "contacts", "contacts": []}, 131009, "1 to 257"),
        ({"type": "contacts", "contacts": [{}]}, 131008, "contacts[0].name"),
        ({"type": "contacts", "contacts": [{"name": {"formatted_name": "B"}}]}, 100, "first_name"),
        ({"type": "contacts", "contacts": [CARD | {"birthday": "1/2/90"}]}, 131009, "YYYY-MM-DD"),
        ({"type": "reaction", "reaction": {"emoji": "x"}}, 131008, "message_id"),
        ({"type": "reaction", "reaction": {"message_id": "w", "emoji": "x" * 17}}, 131009, "emoji"),
        ({"type": "template", "template": {"name": "x"}}, 131008, "language"),
        (
            {"type": "template", "template": {"name": "x", "language": {"code": "id", "policy": "fallback"}}},
            100,
            "policy",
        ),
    ],
)
async def test_a_wrong_body_is_refused_by_name(stage: Stage, body: Json, code: int, words: str) -> None:
    await stage.open_window()
    answer = await stage.send(body)
    assert code_of(answer) == code
    assert words in details_of(answer)
    assert stage.simulator.log.count == 0


async def test_a_refusal_looks_like_the_real_one(stage: Stage) -> None:
    answer = await stage.send({"text": {"body": ""}})
    error = error_of(answer)
    assert error["message"] == "(#131008) Required parameter is missing"
    assert error["type"] == "OAuthException"
    assert error["is_transient"] is False
    assert str(error["fbtrace_id"]).startswith("A")
    assert answer.headers["x-fb-trace-id"] == error["fbtrace_id"]
    broken = await stage.graph("POST", f"{NUMBER}/messages", content=b"{not json")
    assert (broken.status_code, code_of(broken)) == (400, 100)


async def test_a_plus_and_spaces_in_a_number_are_tolerated(stage: Stage) -> None:
    answer = await stage.send(template() | {"to": "+62 812-0000-0001"})
    assert answer.json()["contacts"][0] == {"input": "+62 812-0000-0001", "wa_id": PERSON, "user_id": user_id(PERSON)}


async def test_somebody_known_only_by_a_business_scoped_id_is_reached(tmp_path: Path) -> None:
    async with staged(tmp_path, user_ids=False) as stage:
        answer = await stage.send(template() | {"to": "", "recipient": "ID.stranger1"})
        assert answer.json()["contacts"] == [{"input": "ID.stranger1", "user_id": "ID.stranger1"}]
        await stage.drain()
        (sent,) = stage.callback.items("statuses")
        assert sent["recipient_user_id"] == "ID.stranger1"
        assert "recipient_id" not in sent
        await stage.send(template())
        known = await stage.send(template() | {"to": "", "recipient": user_id(PERSON)})
        assert known.json()["contacts"][0]["wa_id"] == PERSON


async def test_the_present_identity_lets_a_send_through_until_it_changes(stage: Stage) -> None:
    right = People().identity_hash(PERSON)
    accepted = await stage.send(template() | {"recipient_identity_key_hash": right})
    assert accepted.status_code == 200
    await stage.control("system", {"from": PERSON, "event": "customer_identity_changed"})
    assert code_of(await stage.send(template() | {"recipient_identity_key_hash": right})) == 137000


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": "read", "message_id": "wamid.IN"}, 200),
        ({"status": "read", "message_id": "wamid.IN", "typing_indicator": {"type": "text"}}, 200),
        ({"status": "read"}, 400),
        ({"status": "seen", "message_id": "wamid.IN"}, 400),
        ({"status": "read", "message_id": "wamid.IN", "typing_indicator": {"type": "dots"}}, 400),
        ({"status": "read", "message_id": "wamid.IN", "messaging_product": "sms"}, 400),
    ],
)
async def test_read_receipts_are_taken_or_refused(stage: Stage, body: Json, status: int) -> None:
    answer = await stage.graph("POST", f"{NUMBER}/messages", json={"messaging_product": "whatsapp"} | body)
    assert answer.status_code == status


async def test_the_marketing_door_takes_templates_only(stage: Stage) -> None:
    whole = {"messaging_product": "whatsapp", "to": PERSON}
    taken = await stage.graph("POST", f"{NUMBER}/marketing_messages", json=whole | template())
    refused = await stage.graph("POST", f"{NUMBER}/marketing_messages", json=whole | {"text": {"body": "x"}})
    assert taken.status_code == 200
    assert code_of(refused) == 100


@pytest.mark.parametrize(
    ("kind", "accepted"),
    [
        ("error", 0),
        ("html_502", 0),
        ("accept_then_503", 1),
        ("accept_then_hang", 1),
        ("accept_then_reset", 1),
        ("slow", 1),
    ],
)
async def test_an_ordered_fault_happens_once_to_the_recipient_named(stage: Stage, kind: str, accepted: int) -> None:
    order: Json = {"kind": kind, "to": "62812*", "code": 131000, "seconds": 0.0}
    await stage.control("fault", order)
    elsewhere = await stage.send(template() | {"to": "6285700000001"})
    assert elsewhere.status_code == 200
    if kind == "accept_then_reset":
        with pytest.raises(httpx.RemoteProtocolError):
            await stage.send(template())
    else:
        expected = {"error": 500, "html_502": 502, "accept_then_503": 503}.get(kind, 200)
        assert (await stage.send(template())).status_code == expected
    assert stage.simulator.log.count == 1 + accepted
    assert (await stage.send(template())).status_code == 200


async def test_orders_and_chances_are_taken_back(stage: Stage) -> None:
    await stage.control("fault", {"code": 131031, "times": 5})
    await stage.control("faults", {"throttled": 1.0})
    assert code_of(await stage.send(template())) == 131031
    await stage.control("clear_faults")
    assert (await stage.send(template())).status_code == 200
    assert "times" in await stage.refused_control("fault", {"times": 0})
    assert "code" in await stage.refused_control("fault", {"code": 0})
    assert "nonsense" in await stage.refused_control("faults", {"nonsense": 1})
    assert "<= 1.0" in await stage.refused_control("faults", {"throttled": 2})


@pytest.mark.parametrize(
    ("faults", "status", "accepted"),
    [
        ({"throttled": 1.0}, 429, 0),
        ({"error_before_accept": 1.0}, 502, 0),
        ({"error_after_accept": 1.0}, 503, 1),
        ({"slow": 1.0, "slow_seconds": 0.0}, 200, 1),
        ({"status_before_answer": 1.0}, 200, 1),
    ],
)
async def test_faults_by_chance_happen(stage: Stage, faults: Json, status: int, accepted: int) -> None:
    await stage.control("faults", faults)
    assert (await stage.send(template())).status_code == status
    assert stage.simulator.log.count == accepted
