"""Webhooks: signatures, retries, batches, repeats, delays, order, and who they go to."""

import hmac
import json
from pathlib import Path

import msgspec
import pytest

from blazz.adapters.providers.simulator import Faults, SimulatorConfig
from blazz.adapters.providers.simulator.webhooks import WebhookSender, shake_hands, sign
from tests.adapters.providers.simulator.stage import (
    ACCOUNT,
    APP,
    NUMBER,
    PERSON,
    READERS,
    Callback,
    Json,
    Stage,
    code_of,
    error_of,
    staged,
    template,
    until,
)


def test_the_signature_is_the_published_one() -> None:
    body = b'{"object":"whatsapp_business_account"}'
    expected = "sha256=f6491327cb5b041cdf4fe69b94711c7b68bb0aef719854bae676a59788a2b6b6"
    assert sign(body, "appsecret")["X-Hub-Signature-256"] == expected
    assert sign(body, "appsecret")["X-Hub-Signature"] == "sha1=" + hmac.digest(b"appsecret", body, "sha1").hex()


async def test_statuses_come_signed_in_the_real_shape(tmp_path: Path) -> None:
    async with staged(tmp_path, behaviour=READERS) as stage:
        sent = await stage.send(template() | {"biz_opaque_callback_data": "outbox-1"})
        await stage.drain()
        wamid = sent.json()["messages"][0]["id"]
        statuses = stage.callback.items("statuses")
        assert sorted(str(one["status"]) for one in statuses) == ["delivered", "read", "sent"]
        assert {(one["id"], one["recipient_id"], one["biz_opaque_callback_data"]) for one in statuses} == {
            (wamid, PERSON, "outbox-1")
        }
        pricing = next(one["pricing"] for one in statuses if one["status"] == "delivered")
        assert pricing == {"billable": True, "pricing_model": "PMP", "category": "marketing", "type": "regular"}
        assert stage.callback.signed("simulator-app-secret")
        assert not stage.callback.signed("another")
        envelope = msgspec.json.decode(stage.callback.bodies[0])
        assert (envelope["object"], envelope["entry"][0]["id"]) == ("whatsapp_business_account", ACCOUNT)
        assert "time" not in envelope["entry"][0]


async def test_each_status_tells_when_it_happened(tmp_path: Path) -> None:
    slow = msgspec.structs.replace(READERS, sent_delay=10_000, delivered_delay=10_000, read_delay=10_000)
    async with staged(tmp_path, behaviour=slow, time_scale=0.00001) as stage:
        stage.simulator.config = msgspec.structs.replace(stage.simulator.config, time_scale=1.0)
        await stage.send(template())
        await stage.drain()
        times = {str(one["status"]): int(str(one["timestamp"])) for one in stage.callback.items("statuses")}
        (entry,) = stage.simulator.log.read()
        assert entry.at + 5_000 <= times["sent"] <= times["delivered"] - 4_999 <= times["read"] - 9_998


async def test_other_alphabets_are_escaped_so_that_only_raw_bytes_fit_the_signature(stage: Stage) -> None:
    await stage.control("text", {"from": PERSON, "text": "Halo 🙏 kak"})
    await stage.drain()
    (body,) = stage.callback.bodies
    assert body.isascii()
    assert json.loads(body)["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] == "Halo 🙏 kak"
    assert stage.callback.signed("simulator-app-secret")


async def test_a_refusing_callback_gets_it_again_until_it_says_200(stage: Stage) -> None:
    stage.callback.refusals = [500, 403, 302, 202]
    await stage.control("text", {"from": PERSON, "text": "Halo"})
    await stage.drain()
    assert stage.callback.refused == 4
    assert len(stage.callback.items("messages")) == 1
    stats = (await stage.client.get("/_sim/stats")).json()["webhooks"]
    assert (stats["posts"], stats["updates_acknowledged"], stats["last_problem"]) == (5, 1, "202")


async def test_a_callback_that_never_answers_is_given_up_after_the_time_set(tmp_path: Path) -> None:
    async with staged(tmp_path, give_up_seconds=0.02) as stage:
        await stage.control("callback", {"url": "http://127.0.0.1:9/nobody"})
        await stage.control("text", {"from": PERSON, "text": "Halo"})
        await stage.drain()
        stats = (await stage.client.get("/_sim/stats")).json()["webhooks"]
        assert (stats["updates_given_up"], stats["updates_acknowledged"]) == (1, 0)
        assert stats["last_problem"]


async def test_many_updates_share_a_post_up_to_the_batch_size(tmp_path: Path) -> None:
    async with staged(tmp_path, batch_size=4, callback_concurrency=1, batch_seconds=0.2) as stage:
        for one in range(10):
            await stage.control("text", {"from": PERSON, "text": str(one)})
        await stage.drain()
        sizes = [
            len(msgspec.json.decode(body)["entry"][0]["changes"][0]["value"]["messages"])
            for body in stage.callback.bodies
        ]
        assert sum(sizes) == 10
        assert max(sizes) == 4


async def test_duplicates_come_by_rate(stage: Stage) -> None:
    await stage.control("faults", {"duplicate_webhooks": 1.0})
    await stage.control("text", {"from": PERSON, "text": "Halo"})
    await stage.drain()
    assert len({one["id"] for one in stage.callback.items("messages")}) == 1
    assert len(stage.callback.items("messages")) == 2


def sender(folder: Path, **faults: object) -> WebhookSender:
    config = SimulatorConfig(data_dir=folder, callback_url="http://127.0.0.1:9/", faults=Faults(**faults))  # type: ignore[arg-type]
    return WebhookSender(config)


def taken(made: WebhookSender) -> list[object]:
    return [update.item["n"] for update in made._take()]


def test_shuffling_changes_the_order_in_the_same_way_every_time(tmp_path: Path) -> None:
    orders = []
    for faults in ({}, {"shuffle_webhooks": True}, {"shuffle_webhooks": True}):
        made = sender(tmp_path, **faults)
        for one in range(20):
            made.schedule(-1, "statuses", {"n": one})
        orders.append(taken(made))
    assert orders[0] == list(range(20))
    assert orders[1] == orders[2] != orders[0]
    assert sorted(map(str, orders[1])) == sorted(map(str, orders[0]))


def test_delayed_updates_wait_and_repeats_follow_the_key_not_the_moment(tmp_path: Path) -> None:
    late = sender(tmp_path, delay_webhooks=1.0)
    late.schedule(-1, "statuses", {"n": 1})
    assert taken(late) == []
    assert late.pending == 1
    counts = []
    for _ in range(2):
        made = sender(tmp_path, duplicate_webhooks=0.5)
        for one in range(50):
            made.schedule(0, "statuses", {"n": one}, key=f"person:{one}")
        counts.append(sorted(str(update.item["n"]) for update in made._heap))
    assert counts[0] == counts[1]
    assert 55 < len(counts[0]) < 95


def test_without_a_callback_nothing_is_kept(tmp_path: Path) -> None:
    made = WebhookSender(SimulatorConfig(data_dir=tmp_path))
    made.schedule(0, "statuses", {"n": 1})
    assert made.pending == 0


async def test_subscribing_asks_for_the_challenge_and_survives_a_restart(tmp_path: Path) -> None:
    async with staged(tmp_path, callback_url="") as stage:
        body: Json = {
            "object": "whatsapp_business_account",
            "callback_url": stage.callback.url,
            "verify_token": "right",
        }
        assert (await stage.graph("GET", f"{APP}/subscriptions")).json() == {"data": []}
        wrong = await stage.graph("POST", f"{APP}/subscriptions", json=body | {"verify_token": "wrong"})
        assert (code_of(wrong), error_of(wrong)["error_subcode"]) == (100, 2200)
        assert code_of(await stage.graph("POST", f"{APP}/subscriptions", json=body | {"object": "page"})) == 100
        assert code_of(await stage.graph("POST", f"{APP}/subscriptions", json=body | {"callback_url": "x"})) == 100
        assert (await stage.graph("POST", f"{APP}/subscriptions", json=body)).json() == {"success": True}
        await stage.control("text", {"from": PERSON, "text": "Halo"})
        await stage.drain()
        assert len(stage.callback.items("messages")) == 1
    again = WebhookSender(SimulatorConfig(data_dir=tmp_path))
    assert again.callback_url == stage.callback.url


async def test_an_address_of_the_account_takes_message_like_fields_only(stage: Stage) -> None:
    own = Callback()
    own.url = stage.callback.url + "?own"
    path = f"{ACCOUNT}/subscribed_apps"
    body = {"override_callback_uri": own.url, "verify_token": "right"}
    assert (await stage.graph("POST", path, json=body)).json() == {"success": True}
    assert (await stage.graph("GET", path)).json()["data"][0]["override_callback_uri"] == own.url
    await stage.control("callback", {"url": "http://127.0.0.1:9/app"})
    await stage.control("text", {"from": PERSON, "text": "Halo"})
    await until(lambda: len(stage.callback.items("messages")) == 1)
    await stage.control("account_review", {"decision": "APPROVED"})
    await until(lambda: bool(stage.simulator.webhooks.last_problem))
    assert stage.callback.changes("account_review_update") == []
    await stage.control("callback", {"url": stage.callback.url})
    assert (await stage.graph("DELETE", path)).json() == {"success": True}
    assert "override_callback_uri" not in (await stage.graph("GET", path)).json()["data"][0]
    assert (await stage.graph("POST", path)).json() == {"success": True}


async def test_both_addresses_get_their_part_of_one_batch(stage: Stage) -> None:
    hooks = stage.simulator.webhooks
    hooks.override(stage.callback.url)
    for field in ("messages", "account_update"):
        hooks.schedule(0, field, {"id": "x"}, number_id=NUMBER)
    await stage.drain()
    assert len(stage.callback.bodies) == 2


@pytest.mark.parametrize(("path", "words"), [("/nobody", "404"), ("/hook?said", "403")])
async def test_a_failed_handshake_says_why(stage: Stage, path: str, words: str) -> None:
    url = stage.callback.url.replace("/hook", path)
    assert words in str(await shake_hands(url, "wrong", 5))
    assert await shake_hands("http://127.0.0.1:9/", "right", 5) == "the callback did not answer"
    told = await shake_hands(str(stage.client.base_url.join("/_sim/stats")), "right", 5)
    assert "expected the challenge" in str(told)


async def test_read_may_come_without_delivered(tmp_path: Path) -> None:
    async with staged(tmp_path, behaviour=READERS, faults=Faults(skip_delivered=1.0)) as stage:
        await stage.send(template())
        await stage.drain()
        assert sorted(str(one["status"]) for one in stage.callback.items("statuses")) == ["read", "sent"]


async def test_a_voice_message_is_played_and_a_reaction_only_sent(tmp_path: Path) -> None:
    async with staged(tmp_path, behaviour=READERS) as stage:
        await stage.open_window()
        await stage.send({"type": "audio", "audio": {"link": "https://x.id/a.ogg"}})
        await stage.send({"type": "reaction", "reaction": {"message_id": "wamid.A", "emoji": "👍"}})
        await stage.drain()
        told = sorted(str(one["status"]) for one in stage.callback.items("statuses"))
        assert told == ["delivered", "played", "read", "sent", "sent"]
