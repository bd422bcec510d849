"""A whole installation comes up with one command, survives kills and leaves nothing running."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blazz.adapters.postgres import EmbeddedPostgres
from blazz.kernel.config import load_settings
from blazz.main.installation import Installation, PortTaken, answers_ok, require_free_port
from blazz.main.local_database import database_folder, owner_url, running_url
from blazz.main.process_output import ProcessOutput


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder that the database's own account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="blazz-test-"))
    folder.chmod(0o711)
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


async def eventually(condition: Callable[[], object], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - other processes set no event of ours
            await asyncio.sleep(0.05)


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_an_installation_starts_survives_kills_and_stops(home: Path) -> None:
    port = free_port()
    settings = load_settings({}, home=home, port=port)
    log = home.parent / "log"
    with log.open("w", encoding="utf-8") as stream:
        installation = Installation(settings, env={"BLAZZ_PORT": str(port)}, output=ProcessOutput(stream))
        try:
            await installation.start()
            assert await answers_ok("127.0.0.1", port, "/readyz")
            assert (home / "web.address").read_text() == f"http://127.0.0.1:{port}\n"
            second = Installation(settings)
            with pytest.raises(PortTaken):
                await second.start()
            await second.stop()
            # Whoever could not start must not hide the one that runs.
            assert (home / "web.address").exists()
            assert installation.supervisor is not None
            assert installation.postgres is not None
            supervisor, postgres = installation.supervisor, installation.postgres
            worker, database = supervisor.pid("worker"), postgres.pid
            assert worker
            os.kill(worker, signal.SIGKILL)
            os.kill(database, signal.SIGKILL)
            await eventually(lambda: supervisor.pid("worker") not in {None, worker})
            await eventually(lambda: postgres.running and postgres.pid != database)
            pids = [supervisor.pid("web"), supervisor.pid("worker"), postgres.pid]
        finally:
            await installation.stop()
    assert not any(pid and alive(pid) for pid in pids)
    assert not (home / "web.address").exists()
    assert not await answers_ok("127.0.0.1", port, "/readyz")


async def test_the_verb_ends_with_zero_after_a_term_signal(home: Path) -> None:
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BLAZZ_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "blazz",
        "up",
        env={**clean, "BLAZZ_HOME": str(home), "BLAZZ_PORT": str(port)},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(90):
            while b"Blazz is running at" not in (line := await process.stderr.readline()):
                assert line, "it ended before it was ready"
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 40) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    assert not (home / "postgres" / "cluster" / "postmaster.pid").exists()


async def test_a_taken_port_is_refused_before_anything_starts(home: Path) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        with pytest.raises(PortTaken, match="BLAZZ_PORT"):
            await Installation(load_settings({}, home=home, port=port)).start()
        with pytest.raises(PortTaken):
            require_free_port("127.0.0.1", port, "BLAZZ_PORT")
    assert not (home / "postgres").exists()


def test_a_short_command_borrows_the_database_of_a_running_installation(home: Path) -> None:
    settings = load_settings({}, home=home)
    owner = EmbeddedPostgres(database_folder(settings), memory_mb=1024)
    owned = owner.start()
    try:
        with owner_url(settings) as url:
            assert url == owned == running_url(settings)
        assert owner.running
    finally:
        owner.destroy()


def test_a_short_command_starts_and_stops_the_database_when_nobody_else_runs_it(home: Path) -> None:
    settings = load_settings({}, home=home)
    with owner_url(settings) as url:
        assert running_url(settings) == url
    with pytest.raises(Exception, match="is `blazz up` running"):
        running_url(settings, patience_seconds=0)


def test_a_named_database_is_used_as_it_is(home: Path) -> None:
    settings = load_settings({}, home=home, database_url="postgresql://owner@db.example/blazz")
    with owner_url(settings) as url:
        assert url == running_url(settings) == "postgresql://owner@db.example/blazz"
