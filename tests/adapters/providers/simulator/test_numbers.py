"""Numbers, PINs, profiles, block lists, tokens and unknown ids."""

from pathlib import Path

import pytest

from blazz.adapters.providers.simulator.config import NumberConfig
from tests.adapters.providers.simulator.stage import (
    ACCOUNT,
    APP,
    NUMBER,
    OTHER,
    PERSON,
    Json,
    Stage,
    code_of,
    details_of,
    error_of,
    staged,
    template,
)

HEAD: Json = {"messaging_product": "whatsapp"}
PIN: Json = HEAD | {"pin": "123456"}


async def test_a_number_is_added_verified_registered_and_sends(stage: Stage) -> None:
    body = {"cc": "62", "phone_number": "8110002", "verified_name": "Cabang"}
    made = (await stage.graph("POST", f"{ACCOUNT}/phone_numbers", json=body)).json()["id"]
    assert code_of(await stage.graph("POST", f"{ACCOUNT}/phone_numbers", json=body)) == 100
    assert (await stage.graph("GET", made)).json()["status"] == "PENDING"
    assert code_of(await stage.graph("POST", f"{made}/register", json=PIN)) == 133006
    assert code_of(await stage.graph("POST", f"{made}/verify_code", json={"code": "123456"})) == 100
    asked = {"code_method": "SMS", "language": "id"}
    assert (await stage.graph("POST", f"{made}/request_code", json=asked)).json() == {"success": True}
    assert code_of(await stage.graph("POST", f"{made}/verify_code", data={"code": "000000"})) == 100
    assert (await stage.graph("POST", f"{made}/verify_code", data={"code": "123456"})).json()["id"] == made
    assert code_of(await stage.send(template(), number=made)) == 133010
    assert (await stage.graph("POST", f"{made}/register", json=PIN)).json() == {"success": True}
    assert (await stage.send(template(), number=made)).status_code == 200
    await stage.drain()
    (value,) = stage.callback.changes()
    assert value["metadata"] == {"display_phone_number": "628110002", "phone_number_id": made}
    listed = (await stage.graph("GET", f"{ACCOUNT}/phone_numbers", params={"fields": "status"})).json()["data"]
    assert listed == [{"id": NUMBER, "status": "CONNECTED"}, {"id": made, "status": "CONNECTED"}]


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("request_code", {"code_method": "PIGEON", "language": "id"}),
        ("request_code", {"code_method": "SMS"}),
        ("register", {"pin": "123456"}),
        ("register", HEAD | {"pin": "12345"}),
        ("register", PIN | {"data_localization_region": "XX"}),
    ],
)
async def test_number_calls_refuse_wrong_values(stage: Stage, call: str, body: Json) -> None:
    assert code_of(await stage.graph("POST", f"{NUMBER}/{call}", json=body)) == 100


async def test_deregistering_stops_sends_and_a_wrong_pin_does_not_bring_them_back(stage: Stage) -> None:
    assert (await stage.graph("POST", NUMBER, json={"pin": "654321"})).json() == {"success": True}
    assert code_of(await stage.graph("POST", NUMBER, json={"pin": "6"})) == 100
    assert (await stage.graph("POST", f"{NUMBER}/deregister")).json() == {"success": True}
    assert code_of(await stage.graph("POST", f"{NUMBER}/deregister")) == 133010
    assert code_of(await stage.send(template())) == 133010
    health = (await stage.graph("GET", NUMBER)).json()
    assert (health["status"], health["health_status"]["can_send_message"]) == ("DISCONNECTED", "BLOCKED")
    for _ in range(5):
        assert code_of(await stage.graph("POST", f"{NUMBER}/register", json=PIN)) == 133005
    assert code_of(await stage.graph("POST", f"{NUMBER}/register", json=PIN | {"pin": "654321"})) == 133008
    assert (await stage.graph("POST", NUMBER, json={"pin": "654321"})).status_code == 200
    assert (await stage.graph("POST", f"{NUMBER}/register", json=PIN | {"pin": "654321"})).status_code == 200
    assert (await stage.send(template())).status_code == 200
    await stage.drain()
    assert stage.callback.changes("security")[0]["event"] == "PIN_CHANGED"


async def test_ten_registrations_in_three_days_are_the_limit(stage: Stage) -> None:
    for _ in range(10):
        assert (await stage.graph("POST", f"{NUMBER}/register", json=PIN)).status_code == 200
    assert code_of(await stage.graph("POST", f"{NUMBER}/register", json=PIN)) == 133016
    assert code_of(await stage.graph("POST", f"{NUMBER}/deregister")) == 133016


async def test_a_second_number_of_the_configuration_has_windows_of_its_own(tmp_path: Path) -> None:
    second = NumberConfig(id="200000000000002", display_phone="+62 811-1000-002", registered=True)
    async with staged(tmp_path, numbers=(second,)) as stage:
        await stage.control("text", {"from": PERSON, "text": "Halo", "number_id": second.id})
        assert (await stage.send({"text": {"body": "Hai"}}, number=second.id)).status_code == 200
        assert code_of(await stage.send({"text": {"body": "Hai"}})) == 131047


async def test_a_profile_is_read_and_changed_and_wrong_values_refused(stage: Stage) -> None:
    path = f"{NUMBER}/whatsapp_business_profile"
    changed = HEAD | {"about": "Buka", "websites": ["https://toko.id"], "vertical": "APPAREL", "email": "a@toko.id"}
    assert (await stage.graph("POST", path, json=changed)).json() == {"success": True}
    shown = (await stage.graph("GET", path)).json()["data"][0]
    assert changed.items() <= shown.items()
    assert (await stage.graph("GET", path, params={"fields": "about"})).json()["data"] == [HEAD | {"about": "Buka"}]
    for wrong in (
        {"about": "x"},
        HEAD | {"about": "x" * 140},
        HEAD | {"about": ""},
        HEAD | {"websites": ["a", "b", "c"]},
        HEAD | {"vertical": "SONGS"},
        HEAD | {"profile_picture_handle": "4:unknown"},
    ):
        assert code_of(await stage.graph("POST", path, json=wrong)) == 100
    assert (await stage.graph("GET", path)).json()["data"][0]["about"] == "Buka"


async def test_only_people_who_wrote_lately_can_be_blocked(stage: Stage) -> None:
    path = f"{NUMBER}/block_users"
    await stage.open_window()
    both = HEAD | {"block_users": [{"user": PERSON}, {"user": OTHER}]}
    told = (await stage.graph("POST", path, json=both)).json()["block_users"]
    assert [one["wa_id"] for one in told["added_users"]] == [PERSON]
    assert told["failed_users"][0]["errors"][0]["code"] == 139103
    assert code_of(await stage.graph("POST", path, json=HEAD | {"block_users": [{"user": OTHER}]})) == 139100
    listed = (await stage.graph("GET", path)).json()
    assert [one["wa_id"] for one in listed["data"]] == [PERSON]
    gone = (await stage.graph("DELETE", path, json=HEAD | {"block_users": [{"user": PERSON}]})).json()
    assert [one["wa_id"] for one in gone["block_users"]["removed_users"]] == [PERSON]
    assert (await stage.graph("GET", path)).json()["data"] == []
    assert code_of(await stage.graph("POST", path, json={"block_users": []})) == 100
    stage.simulator.numbers.find(NUMBER).blocks.blocked = dict.fromkeys(map(str, range(64_000)))
    assert code_of(await stage.graph("POST", path, json=HEAD | {"block_users": [{"user": PERSON}]})) == 139101


@pytest.mark.parametrize(
    ("header", "code", "subcode"),
    [("", 104, None), ("Bearer wrong", 190, 467), ("Basic abc", 104, None)],
)
async def test_a_wrong_token_is_refused(stage: Stage, header: str, code: int, subcode: int | None) -> None:
    answer = await stage.client.get(f"/v25.0/{NUMBER}", headers={"Authorization": header})
    assert answer.status_code == 401
    assert (code_of(answer), error_of(answer).get("error_subcode")) == (code, subcode)


async def test_the_token_may_stand_in_the_query_and_may_expire(stage: Stage) -> None:
    path = f"/{NUMBER}?access_token=simulator-token"
    assert (await stage.client.get(path, headers={"Authorization": ""})).status_code == 200
    await stage.control("token", {"problem": 190})
    expired = await stage.graph("GET", NUMBER)
    assert (code_of(expired), error_of(expired)["error_subcode"]) == (190, 463)
    await stage.control("token", {"problem": 10})
    refused = await stage.send(template())
    assert (refused.status_code, code_of(refused)) == (403, 10)
    await stage.control("token", {"problem": 0})
    assert (await stage.graph("GET", NUMBER)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "999"),
        ("DELETE", NUMBER),
        ("POST", "999/messages"),
        ("POST", "999/marketing_messages"),
        ("GET", "999/message_templates"),
        ("GET", f"{NUMBER}/dance"),
        ("GET", f"{NUMBER}/register"),
        ("DELETE", f"{NUMBER}/whatsapp_business_profile"),
        ("GET", "a/b/c/d"),
        ("PUT", NUMBER),
    ],
)
async def test_unknown_ids_and_operations_are_refused_with_code_100(stage: Stage, method: str, path: str) -> None:
    answer = await stage.graph(method, path, json=HEAD | {"to": PERSON} | template())
    assert answer.status_code == 400
    assert (code_of(answer), error_of(answer)["error_subcode"]) == (100, 33)
    assert error_of(answer)["type"] == "GraphMethodException"
    assert "does not exist" in str(error_of(answer)["message"])


async def test_the_account_and_settings_can_be_read_with_and_without_a_version(stage: Stage) -> None:
    assert (await stage.client.get(f"/{ACCOUNT}")).json()["id"] == ACCOUNT
    assert (await stage.graph("GET", f"{NUMBER}/settings")).status_code == 200
    assert (await stage.graph("GET", f"{APP}/subscriptions")).json()["data"][0]["active"] is True


async def test_management_calls_have_an_allowance_and_sends_do_not_use_it(tmp_path: Path) -> None:
    async with staged(tmp_path, management_calls_per_hour=2) as stage:
        for _ in range(2):
            assert (await stage.graph("GET", NUMBER)).status_code == 200
        refused = await stage.graph("GET", NUMBER)
        assert (refused.status_code, code_of(refused)) == (429, 80007)
        assert (await stage.send(template())).status_code == 200


async def test_a_restricted_number_sends_nothing(stage: Stage) -> None:
    await stage.control("number_restrict", {"code": 131031})
    assert code_of(await stage.send(template())) == 131031
    assert (await stage.graph("GET", NUMBER)).json()["status"] == "RESTRICTED"
    await stage.control("number_restrict", {"code": 0})
    assert (await stage.send(template())).status_code == 200
    wrong = {"cc": "x", "phone_number": "1", "verified_name": ""}
    assert "cc and phone_number" in details_of(await stage.graph("POST", f"{ACCOUNT}/phone_numbers", json=wrong))
