"""``blazz simulator`` as a stranger uses it."""

import asyncio
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from blazz.adapters.providers.simulator import Behaviour, Faults, SimulatorConfig, run_simulator
from blazz.adapters.providers.simulator.actions import ACTIONS
from blazz.adapters.providers.simulator.cli import introduce
from blazz.adapters.providers.simulator.config import CustomerScript
from blazz.adapters.providers.simulator.faults import Ordered
from blazz.adapters.providers.simulator.server import bind
from blazz.cli.endings import TRY_AGAIN, USAGE
from tests.adapters.providers.simulator.stage import TOKEN, template
from tests.adapters.providers.simulator.test_acceptance_log import start
from tests.architecture.measures import ROOT


def blazz(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "blazz", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_the_help_is_enough_to_begin_with() -> None:
    done = blazz("simulator", "--help")
    assert done.returncode == 0
    needed = (
        "graph.facebook.com", "/v25.0/200000000000001/messages", "Bearer", "X-Hub-Signature-256", "--app-secret",
        "--port", "/_sim/fault", "--scenario", "acceptances.jsonl", "--seed", "promo_gajian", "STOP", "--json",
    )  # fmt: skip
    words = " ".join(done.stdout.split())
    assert not [one for one in needed if one not in words]
    assert "simulator" in blazz("run", "--help").stdout


async def test_it_starts_prints_where_it_is_and_ends_on_a_signal(tmp_path: Path) -> None:
    scenario = tmp_path / "s.json"
    scenario.write_text('{"steps": [{"do": "wait", "seconds": 0}]}')
    process, told = await asyncio.to_thread(start, tmp_path / "data", "--scenario", str(scenario), "--seed", "9")
    try:
        async with httpx.AsyncClient(headers=TOKEN) as client:
            body = {"messaging_product": "whatsapp", "to": "6281200000001"} | template()
            answer = await client.post(f"{told['base_url']}/v25.0/{told['number_id']}/messages", json=body)
            assert answer.status_code == 200
        assert (str(told["seed"]), told["access_token"]) == ("9", "simulator-token")
        assert (await asyncio.to_thread(Path(told["acceptance_log"]).read_text)).count("\n") == 1
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.communicate, timeout=20)
    assert process.returncode in {0, -signal.SIGTERM}


def test_for_people_it_prints_names_and_values(tmp_path: Path) -> None:
    shown = introduce(SimulatorConfig(data_dir=tmp_path, port=7), as_json=False)
    for one in (
        "http://127.0.0.1:7",
        "WABA id",
        "100000000000001",
        "simulator-app-secret",
        "nowhere yet",
        "/_sim/NAME",
    ):
        assert one in shown


def test_every_action_fault_rate_and_setting_is_documented() -> None:
    text = (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")
    structs = (SimulatorConfig, Behaviour, Faults, CustomerScript, Ordered)
    names = {*ACTIONS, *(name for struct in structs for name in struct.__struct_fields__)}
    assert not sorted(name for name in names if f"`{name}`" not in text and f"`[{name}]`" not in text)


def test_a_wrong_file_ends_with_one_sentence_and_the_usage_code(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text("[[steps]]\ndo = 'dance'\n")
    done = blazz("simulator", "--scenario", str(file), "--data-dir", str(tmp_path))
    assert done.returncode == USAGE
    assert "line 2, field steps[0].do: 'dance' is unknown" in done.stderr
    assert "simulator_file_invalid" in done.stderr
    wrong = blazz("simulator", "--config", str(tmp_path / "none.toml"))
    assert wrong.returncode == USAGE
    assert "No such file" in wrong.stderr


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = blazz("simulator", "--port", port, "--data-dir", str(tmp_path))
    assert done.returncode == TRY_AGAIN
    assert port in done.stderr
    assert "simulator_port_taken" in done.stderr


async def test_it_can_be_run_from_python(tmp_path: Path) -> None:
    config = SimulatorConfig(data_dir=tmp_path, port=0)
    listener = bind(config)
    task = asyncio.create_task(run_simulator(config, None, listener))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/_sim/health"
    async with httpx.AsyncClient() as client:
        while True:
            try:
                assert (await client.get(url)).json()["accepted"] == 0
                break
            except httpx.TransportError:
                await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
