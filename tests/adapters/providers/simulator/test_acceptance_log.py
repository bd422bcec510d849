"""The acceptance log: on disk before the answer, only ever longer, readable after a kill."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from blazz.adapters.providers.simulator.acceptance_log import Acceptance, AcceptanceLog
from tests.adapters.providers.simulator.stage import NUMBER, TOKEN, staged, template


def entry(one: int) -> Acceptance:
    return Acceptance(
        at=float(one), phone_number_id=NUMBER, to="628", wamid=f"wamid.{one}", opaque=str(one), type="text"
    )


async def test_a_line_is_synced_before_append_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fdatasync

    def fdatasync(handle: int) -> None:
        real(handle)
        synced.append(os.fstat(handle).st_size)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    log = AcceptanceLog(tmp_path / "a.jsonl")
    await log.append(entry(1))
    assert synced == [(tmp_path / "a.jsonl").stat().st_size]
    await asyncio.gather(*(log.append(entry(one)) for one in range(2, 52)))
    assert log.count == 51
    assert len(synced) < 10
    log.close()


async def test_a_disk_that_refuses_is_told_and_nothing_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    log = AcceptanceLog(tmp_path / "a.jsonl")
    monkeypatch.setattr(os, "fdatasync", full)
    with pytest.raises(OSError, match="No space"):
        await log.append(entry(1))
    assert log.count == 0
    log.close()


async def test_a_torn_last_line_is_cut_and_everything_before_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    log = AcceptanceLog(path)
    assert list(log.read()) == []
    await log.append(entry(1))
    log.close()
    before = path.read_bytes()
    with path.open("ab") as file:
        file.write(b'{"at": 1')
    again = AcceptanceLog(path)
    assert path.read_bytes() == before
    assert (again.count, [one.wamid for one in again.read()]) == (1, ["wamid.1"])
    await again.append(entry(2))
    assert path.read_bytes().startswith(before)
    again.close()
    path.unlink()
    assert list(again.read()) == []


async def test_a_log_that_cannot_be_written_answers_no_acceptance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with staged(tmp_path) as stage:
        monkeypatch.setattr(
            stage.simulator.log, "_write_and_sync", lambda _data: (_ for _ in ()).throw(OSError(28, "full"))
        )
        answer = await stage.send(template())
        assert answer.status_code == 500
        assert stage.simulator.webhooks.pending == 0


def start(folder: Path, *more: str) -> tuple[subprocess.Popen[str], dict[str, str]]:
    command = [sys.executable, "-m", "blazz", "simulator", "--port", "0", "--data-dir", str(folder), "--json", *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


async def test_every_answered_acceptance_is_in_the_log_after_a_kill(tmp_path: Path) -> None:
    process, told = await asyncio.to_thread(start, tmp_path, "--messages-per-second", "0")
    answered: list[str] = []
    try:
        async with httpx.AsyncClient(base_url=told["base_url"], headers=TOKEN) as client:

            async def send(one: int) -> None:
                body = {"messaging_product": "whatsapp", "to": f"62812{one:08d}"} | template()
                try:
                    answer = await client.post(f"/v25.0/{told['number_id']}/messages", json=body)
                except httpx.HTTPError:
                    return
                answered.append(answer.json()["messages"][0]["id"])
                if len(answered) == 60:
                    process.send_signal(signal.SIGKILL)

            await asyncio.gather(*(send(one) for one in range(200)))
    finally:
        process.kill()
        await asyncio.to_thread(process.communicate)
    log = AcceptanceLog(Path(told["acceptance_log"]))
    logged = [one.wamid for one in log.read()]
    log.close()
    assert len(answered) >= 60
    assert set(answered) <= set(logged)
    assert len(set(logged)) == len(logged)
