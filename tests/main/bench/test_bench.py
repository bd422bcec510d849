"""Every benchmark at its smallest: it runs to its end, loses nothing, and its figures belong together."""

import shutil
from pathlib import Path

import msgspec
import pytest

from blazz.kernel.config import Settings, load_settings
from blazz.main.bench.freeze import bench_freeze
from blazz.main.bench.imports import bench_import, write_messy_list
from blazz.main.bench.loop import bench_loop
from blazz.main.bench.machine import cpu_seconds, describe_machine, family_cpu_seconds, resident_mb
from blazz.main.bench.send import bench_send
from blazz.main.bench.sink import running_sink
from blazz.main.bench.webhooks import bench_webhooks, make_delivery


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings of a throw-away installation."""
    return load_settings({"BLAZZ_HOME": str(tmp_path)})


def say(_text: str) -> None:
    """Keep the talk to ourselves."""


async def test_sending_reaches_everyone_and_names_its_baseline(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_options: None)

    figures = await bench_send(settings, 200, say)

    assert figures.counters_ok
    assert figures.provider == "built-in sink (nginx is not installed)"
    assert figures.ratio == pytest.approx(figures.messages_per_second / figures.baseline_per_second, abs=0.001)


async def test_the_loop_ends_when_every_read_receipt_is_counted(settings: Settings) -> None:
    figures = await bench_loop(settings, 200, say)

    assert figures.counters_ok
    assert figures.statuses == 600


async def test_every_webhook_that_was_answered_is_in_the_database(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_options: None)

    figures = await bench_webhooks(settings, 0.5, say)

    assert figures.events > 0
    assert figures.lost == figures.refused == 0
    assert figures.p50_ms <= figures.p99_ms


async def test_a_freeze_counts_everybody(settings: Settings) -> None:
    figures = await bench_freeze(settings, 1500, say)

    assert figures.recipients == 1500
    assert figures.rss_growth_mb >= 0
    assert 0 < figures.ratio < 1


async def test_an_import_accounts_for_every_row(settings: Settings, tmp_path: Path) -> None:
    figures = await bench_import(settings, 500, say)

    assert figures.refused == 10
    assert figures.stored + figures.refused + 9 == 500, "one row in fifty repeats the one before it"
    assert figures.peak_rss_mb > 0
    write_messy_list(tmp_path / "again.csv", 10)
    write_messy_list(tmp_path / "once more.csv", 10)
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "once more.csv").read_bytes()


async def test_the_built_in_sink_accepts_like_the_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from blazz.adapters.providers.meta_cloud.transport import TransportSettings
    from blazz.adapters.providers.meta_cloud.transport_pyreqwest import PyreqwestTransport

    monkeypatch.setattr(shutil, "which", lambda *_args, **_options: None)
    transport = PyreqwestTransport(TransportSettings())
    async with running_sink(tmp_path) as sink:
        answers = [
            await transport.request("POST", f"{sink.url}/x", headers={}, body=b"x" * size, timeout_seconds=5)
            for size in (0, 10, 100_000)
        ]
        await transport.aclose()

    ids = {msgspec.json.decode(answer.body)["messages"][0]["id"] for answer in answers}
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert len(ids) == 3


def test_a_delivery_is_one_status_of_its_own() -> None:
    first, second = (msgspec.json.decode(make_delivery(number)) for number in (1, 2))

    assert first["entry"][0]["changes"][0]["value"]["statuses"][0]["status"] == "delivered"
    assert first != second


def test_the_machine_is_described() -> None:
    machine = describe_machine()

    assert machine.cores > 0
    assert machine.processor
    assert resident_mb() > 1
    assert family_cpu_seconds(1) >= cpu_seconds(1) >= 0
    assert resident_mb(2**22 + 1) == 0
