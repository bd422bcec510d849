"""Simulated customers: decisions by seed, scripts by number pattern, and what they answer."""

from pathlib import Path
from typing import cast

import msgspec
import pytest

from blazz.adapters.providers.simulator import Behaviour, SimulatorConfig
from blazz.adapters.providers.simulator.config import CustomerScript, Faults
from blazz.adapters.providers.simulator.customers import Received, plan_for
from blazz.adapters.providers.simulator.faults import FaultDesk
from blazz.adapters.providers.simulator.people import People, profile_name, user_id
from tests.adapters.providers.simulator.stage import OTHER, PERSON, READERS, Json, staged, template

MIXED = Behaviour(not_on_whatsapp=0.1, delivered=0.9, read=0.8, reply=0.5, opt_out=0.1, media=0.3, react=0.3)
PEOPLE = [f"62812{one:08d}" for one in range(60)]


async def run(folder: Path, **settings: object) -> list[tuple[object, ...]]:
    """Send two templates to everyone; answer what each was told and said, without ids and times."""
    seen: list[tuple[object, ...]] = []
    async with staged(folder, None, behaviour=MIXED, messages_per_second=0, **settings) as stage:
        for person in PEOPLE * 2:
            await stage.send(template("promo_gajian", "Budi", "20%", "Bandung") | {"to": person})
        await stage.drain()
        wamids = {entry.wamid for entry in stage.simulator.log.read()}
        assert len(wamids) == 2 * len(PEOPLE)
        seen += [("status", one["recipient_id"], one["status"]) for one in stage.callback.items("statuses")]
        for one in stage.callback.items("messages"):
            content = cast("Json", one[str(one["type"])])
            seen.append((one["from"], one["type"], content.get("body"), content.get("text"), content.get("emoji")))
    return sorted(seen, key=repr)


async def test_the_same_seed_gives_the_same_run_and_another_seed_does_not(tmp_path: Path) -> None:
    first = await run(tmp_path / "a", seed=5)
    second = await run(tmp_path / "b", seed=5)
    other = await run(tmp_path / "c", seed=6)
    assert first == second
    assert first != other
    kinds = {entry[1] for entry in first if entry[0] != "status"}
    assert {"text", "button", "reaction"} <= kinds
    assert kinds & {"image", "document", "audio"}


async def test_a_restart_tells_everything_again_with_the_same_decisions(tmp_path: Path) -> None:
    config: dict[str, object] = {"behaviour": MIXED, "messages_per_second": 0, "marketing_per_person": 1}
    told = []
    async with staged(tmp_path, None, **config) as stage:
        for person in PEOPLE * 2:
            await stage.send(template("promo_gajian", "Budi", "20%", "Bandung") | {"to": person})
        await stage.drain()
        told.append(sorted((str(one["id"]), str(one["status"])) for one in stage.callback.items("statuses")))
        replies = sorted(str(one["id"]) for one in stage.callback.items("messages"))
    async with staged(tmp_path, None, **config) as stage:
        await stage.drain()
        told.append(sorted((str(one["id"]), str(one["status"])) for one in stage.callback.items("statuses")))
        assert sorted(str(one["id"]) for one in stage.callback.items("messages")) == replies
    assert told[0] == told[1]


def test_decisions_depend_on_seed_person_and_ordinal_alone(tmp_path: Path) -> None:
    config = SimulatorConfig(data_dir=tmp_path, behaviour=MIXED)
    plans = [plan_for(Received(person=PERSON, ordinal=one, buttons=2), config) for one in range(40)]
    assert plans == [plan_for(Received(person=PERSON, ordinal=one, buttons=2), config) for one in range(40)]
    assert len({plan.sent_after for plan in plans}) == 40
    absent = msgspec.structs.replace(config, behaviour=Behaviour(not_on_whatsapp=1))
    assert plan_for(Received(person=PERSON, ordinal=0), absent).failed_code == 131026
    withheld = msgspec.structs.replace(config, behaviour=Behaviour(not_on_whatsapp=0, marketing_withheld=1))
    assert plan_for(Received(person=PERSON, ordinal=0, marketing=True), withheld).failed_code == 131049
    assert plan_for(Received(person=PERSON, ordinal=0), withheld).failed_code is None


def test_faults_depend_on_seed_person_and_attempt_alone() -> None:
    faults = Faults(throttled=0.3, accept_then_hang=0.3)
    desks = [FaultDesk(faults, 3), FaultDesk(faults, 3), FaultDesk(faults, 4)]
    runs = [[desk.troubles(PERSON, attempt) for attempt in range(60)] for desk in desks]
    assert runs[0] == runs[1] != runs[2]
    assert any(runs[0])


def test_rates_are_kept_over_many_people(tmp_path: Path) -> None:
    config = SimulatorConfig(data_dir=tmp_path)
    plans = [plan_for(Received(person=f"62813{one:08d}", ordinal=0), config) for one in range(4000)]
    read = sum(plan.read_after is not None for plan in plans) / 4000
    stops = sum(plan.reply in {"BERHENTI", "STOP", "Berhenti"} for plan in plans) / 4000
    assert 0.68 < read < 0.76
    assert 0.003 < stops < 0.013
    assert 0.012 < sum(plan.failed_code is not None for plan in plans) / 4000 < 0.03


DEEDS = (
    "ignore",
    "deliver",
    "read",
    "reply:Mau",
    "reply",
    "stop",
    "stop:UNSUB",
    "tap:1",
    "tap",
    "react:🙏",
    "react",
    "image",
    "document",
    "audio",
    "fail:131049",
)


async def test_a_script_says_what_happens_to_each_message_in_turn(tmp_path: Path) -> None:
    script = CustomerScript(pattern="62812*1", does=DEEDS, says=("Kesatu", "Kedua"))
    rest = CustomerScript(pattern="*", behaviour=READERS)
    async with staged(tmp_path, customers=(script, rest), pair_seconds=0) as stage:
        for _ in (*DEEDS, "the last again"):
            assert (await stage.send(template("promo_gajian", "a", "b", "c"))).status_code == 200
        await stage.send(template() | {"to": OTHER})
        await stage.drain()
        said: list[tuple[str, object]] = []
        for one in stage.callback.items("messages"):
            content = cast("Json", one[str(one["type"])])
            said.append((str(one["type"]), content.get("body") or content.get("text") or content.get("emoji")))
        assert sorted(said, key=repr) == sorted(
            [
                ("text", "Mau"), ("text", "Kesatu"), ("text", "BERHENTI"), ("text", "UNSUB"),
                ("button", "Berhenti promo"), ("button", "Lihat katalog"), ("reaction", "🙏"), ("reaction", "👍"),
                ("image", None), ("document", None), ("audio", None),
            ],
            key=repr,
        )  # fmt: skip
        failed = [one for one in stage.callback.items("statuses") if one["status"] == "failed"]
        assert len(failed) == 2
        tap = next(one for one in stage.callback.items("messages") if one["type"] == "button")
        assert str(cast("Json", tap["context"])["id"]).startswith("wamid.")
        others = [one["status"] for one in stage.callback.items("statuses") if one["recipient_id"] == OTHER]
        assert sorted(map(str, others)) == ["delivered", "read", "sent"]


async def test_buttons_of_an_interactive_message_are_pressed(tmp_path: Path) -> None:
    replies = [{"type": "reply", "reply": {"id": f"b{one}", "title": f"Tombol {one}"}} for one in range(2)]
    content: Json = {"type": "button", "body": {"text": "Pilih"}, "action": {"buttons": replies}}
    async with staged(tmp_path, customers=(CustomerScript(pattern="*", does=("tap:1", "tap")),)) as stage:
        await stage.open_window()
        await stage.send({"type": "interactive", "interactive": content})
        await stage.send({"text": {"body": "tanpa tombol"}})
        await stage.drain()
        answers = {str(one["type"]): one for one in stage.callback.items("messages")}
        assert answers["interactive"]["interactive"] == {
            "type": "button_reply",
            "button_reply": {"id": "b1", "title": "Tombol 1"},
        }
        assert "text" in answers


async def test_an_answer_opens_the_window_for_free_text(tmp_path: Path) -> None:
    async with staged(tmp_path, customers=(CustomerScript(pattern="*", does=("reply:Halo", "read")),)) as stage:
        await stage.send(template())
        await stage.drain()
        assert (await stage.send({"text": {"body": "Hai"}})).status_code == 200
        await stage.control("window", {"from": PERSON, "open": False})
        assert (await stage.send({"text": {"body": "Hai"}})).status_code == 400


async def test_behaviour_and_scripts_can_be_changed_while_running(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.control("behaviour", msgspec.to_builtins(READERS))
        await stage.send(template())
        await stage.control("scripts", {"customers": [{"pattern": "*", "does": ["fail:130472"]}]})
        await stage.send(template())
        await stage.drain()
        told = sorted(str(one["status"]) for one in stage.callback.items("statuses"))
        assert told == ["delivered", "failed", "read", "sent"]
        assert "does" in await stage.refused_control("scripts", {"customers": [{"pattern": "*", "does": ["dance"]}]})


def test_people_have_names_and_ids_of_their_own() -> None:
    people = People(names={PERSON: "Ibu Sari"})
    assert people.name(PERSON) == "Ibu Sari"
    assert people.name(OTHER) == profile_name(OTHER)
    assert user_id(PERSON) != user_id(OTHER)
    assert user_id("ID.1") == "ID.1"
    people.remember_phone(PERSON)
    assert people.person_of(user_id(PERSON)) == PERSON
    assert people.person_of("ID.1") == "ID.1"


@pytest.mark.parametrize("ordinal", range(3))
def test_free_form_messages_are_answered_more_readily(tmp_path: Path, ordinal: int) -> None:
    config = SimulatorConfig(data_dir=tmp_path, behaviour=Behaviour(not_on_whatsapp=0, delivered=1, read=1, reply=0.1))
    answered = [
        plan_for(Received(person=f"62812{one:08d}", ordinal=ordinal, free_form=free), config).reply_after is not None
        for free in (True, False)
        for one in range(200)
    ]
    assert sum(answered[:200]) > 2 * sum(answered[200:])
