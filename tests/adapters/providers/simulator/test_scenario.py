"""Scenario and configuration files: what plays, and how a mistake is named."""

import json
from pathlib import Path

import httpx
import pytest

from blazz.adapters.providers.simulator.config import load_config
from blazz.adapters.providers.simulator.files import FileInvalid, line_of
from blazz.adapters.providers.simulator.scenario import load_scenario, read_scenario
from tests.adapters.providers.simulator.stage import PERSON, Stage, details_of, staged, template, until

TOML = f"""name = "Berhenti"

[[steps]]
do = "wait_for"
accepted = 2
to = "62812*"
template = "sapa_*"

[[steps]]
do = "text"
from = "{PERSON}"
text = "STOP"
times = 2
after = 0.01

[[steps]]
do = "drain"

[[steps]]
do = "wait"
seconds = 0
"""


async def test_a_scenario_plays_in_order(tmp_path: Path) -> None:
    file = tmp_path / "scenario.toml"
    file.write_text(TOML)
    made = load_scenario(file)
    assert (made.name, [step.line for step in made.steps]) == ("Berhenti", [3, 9, 16, 19])
    async with staged(tmp_path / "data", made) as stage:
        await stage.send(template())
        assert stage.callback.items("messages") == []
        await stage.send(template())
        await until(lambda: len(stage.callback.items("messages")) == 2)


async def test_a_scenario_is_played_through_the_door(stage: Stage) -> None:
    async def state() -> dict[str, object]:
        answer = await stage.client.get("/_sim/scenario")
        return dict(answer.json())

    assert (await state())["state"] == "idle"
    steps: list[dict[str, object]] = [{"do": "text", "from": PERSON, "text": "Halo"}, {"do": "wait", "seconds": 30}]
    started = await stage.client.post("/_sim/scenario", json={"steps": steps})
    assert started.json() == {"state": "playing", "steps": 2, "played": 0, "problem": ""}
    again = await stage.client.post("/_sim/scenario", json={"steps": steps})
    assert "playing already" in details_of(again)
    await until(lambda: len(stage.callback.items("messages")) == 1)
    assert (await state())["played"] == 1


async def test_a_scenario_that_cannot_go_on_says_where(stage: Stage) -> None:
    async def play(text: str, kind: str = "json") -> httpx.Response:
        return await stage.client.post("/_sim/scenario", content=text, headers={"content-type": f"application/{kind}"})

    async def ended() -> dict[str, object]:
        while True:
            told = (await stage.client.get("/_sim/scenario")).json()
            if told["state"] != "playing":
                return dict(told)

    await play('[[steps]]\ndo = "wait_for"\naccepted = 1\nseconds = 0\n', "toml")
    told = await ended()
    assert told["state"] == "failed"
    assert "step 1, wait_for (line 1): after 0 s fewer than 1" in str(told["problem"])
    await play(
        json.dumps({"steps": [{"do": "unsupported", "from": PERSON}, {"do": "media", "from": PERSON, "kind": "video"}]})
    )
    told = await ended()
    assert "step 2, media" in str(told["problem"])
    assert "no built-in video" in str(told["problem"])
    await play(json.dumps({"steps": [{"do": "drain"}]}))
    assert (await ended())["state"] == "done"
    assert "line 1, column" in details_of(await play("{"))


@pytest.mark.parametrize(
    ("text", "name", "where", "problem"),
    [
        ("{", "a.json", "line 1, column 2", "not valid JSON"),
        ("[]", "a.json", "line 1", "expected a table"),
        ("x = = 1", "a.toml", "line 1, column 5", "not valid TOML"),
        ("x = ", "a.toml", "end of document", "not valid TOML"),
        ("name = 'x'", "a.toml", "field steps", "needs a list of steps"),
        ('{"steps": []}', "a.json", "field steps", "needs a list"),
        ("name = 'x'\nspeed = 3\n", "a.toml", "line 2, field speed", "takes name and steps"),
        ('{"steps": [\n  7\n]}', "a.json", "line 2, field steps[0]", "a table with do"),
        ("[[steps]]\nfrom = '628'", "a.toml", "line 1, field steps[0]", "missing required field `do`"),
        ("[[steps]]\ndo = 'wait'\nseconds = 1\n\n[[steps]]\ndo = 'dance'\n", "a.toml", "line 6, field steps[1].do", "unknown; known: "),
        ("[[steps]]\ndo = 'text'\nfrom = 'budi'\ntext = 'x'\n", "a.toml", "line 3, field steps[0].from", "regex"),
        ("[[steps]]\ndo = 'text'\nfrom = '6281200000001'\n", "a.toml", "line 1, field steps[0]", "missing required field `text`"),
        ("[[steps]]\ndo = 'wait'\nseconds = 1\nspeed = 2\n", "a.toml", "line 4, field steps[0].speed", "unknown field"),
        ("[[steps]]\ndo = 'wait'\nseconds = 1\nafter = -1\n", "a.toml", "line 4, field steps[0].after", ">= 0"),
        ('{"steps": [\n {"do": "wait", "seconds": 1},\n {"do": "wait",\n  "seconds": "x"}]}', "a.json", "line 4, field steps[1].seconds", "float"),
        ('{"steps": [\n {"do": "wait", "seconds": 1},\n {"do": "order", "from": "6281200000001",\n  "items": [{"product_retailer_id": "a"},\n {"quantity": 1}]}]}', "a.json", "line 5, field steps[1].items[1]", "product_retailer_id"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_line_and_field(text: str, name: str, where: str, problem: str) -> None:
    with pytest.raises(FileInvalid) as caught:
        read_scenario(text, name)
    assert caught.value.data["where"] == where
    assert problem in str(caught.value.data["problem"])
    assert str(caught.value).startswith(f"{name}, {where}: ")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileInvalid, match="No such file"):
        load_scenario(tmp_path / "none.toml")
    bad = tmp_path / "bad.json"
    bad.write_bytes(b'{"name": "\xff"}')
    with pytest.raises(FileInvalid, match="byte 10: the file is not UTF-8"):
        load_scenario(bad)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("port = 'x'", "line 1, field port"),
        ("seed = 1\nspeed = 2\n", "line 2, field speed"),
        ("seed = 1\n\n[behaviour]\nread = 0.5\nreply = 7\n", "line 5, field behaviour.reply"),
        ("[[customers]]\npattern = '*'\n\n[[customers]]\npattern = '62*'\ndoes = ['read', 'dance']\n", "line 6, field customers[1].does[1]"),
        ("data_dir = 7", "line 1, field data_dir"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_by_line_and_field(tmp_path: Path, text: str, where: str) -> None:
    file = tmp_path / "simulator.toml"
    file.write_text(text)
    with pytest.raises(FileInvalid) as caught:
        load_config(file)
    assert caught.value.data["where"] == where


def test_a_configuration_is_read_from_both_kinds_of_file(tmp_path: Path) -> None:
    toml, plain = tmp_path / "a.toml", tmp_path / "a.json"
    toml.write_text("port = 9\n[behaviour]\nread = 0.5\n[[customers]]\npattern = '62*'\ndoes = ['reply:Ya']\n")
    plain.write_text('{"port": 9, "data_dir": "x", "numbers": [{"id": "1", "display_phone": "+62 1"}]}')
    assert load_config(toml).customers[0].does == ("reply:Ya",)
    assert load_config(toml).data_dir == Path("simulator-data")
    assert load_config(plain).numbers[0].id == "1"
    assert load_config(plain).own_url == "http://127.0.0.1:9"


def test_a_line_that_cannot_be_found_is_left_out() -> None:
    assert line_of("a = 1", "") is None
    assert line_of("a = 1", "b.c") is None
    assert line_of("[[steps]]\n", "steps[4].do") == 1
    assert line_of('{"steps": ["a\\"]", {}]}', "steps[7]") == 1
