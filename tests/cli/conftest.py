"""A shell against a running installation: web, worker and simulator on real sockets, and the command line beside them."""

import asyncio
import contextlib
import io
import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr

from blazz.adapters.providers.simulator import Behaviour
from blazz.cli.app import run
from blazz.kernel.ids import encode_id
from blazz.kernel.runtime import Runtime
from blazz.main.simulator_number import SimulatorNumber, connect_simulator
from blazz.main.wiring import Providers
from tests.conftest import SECRET, WorkspaceFixture
from tests.factories import make_key
from tests.support_processes import free_port, simulator, web, working

# Nobody is unreachable, and everything arrives at once.
CALM = Behaviour(not_on_whatsapp=0.0, delivered=1.0, read=0.0, reply=0.0, opt_out=0.0)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> object:
        """What it printed."""
        return json.loads(self.out)

    @property
    def told(self) -> dict[str, object]:
        """The object it printed."""
        found = self.json()
        assert isinstance(found, dict)
        return found

    @property
    def items(self) -> list[dict[str, object]]:
        """The list it printed."""
        found = self.json()
        assert isinstance(found, list)
        return found


@dataclass(slots=True)
class Shell:
    """Runs commands as a person or script would, off the event loop that serves them."""

    keys: list[str] = field(default_factory=list)

    async def __call__(self, *arguments: object, stdin: str = "") -> Ended:
        """Run one command; no key ever shows in what it says."""
        ended = await asyncio.to_thread(_run, [str(item) for item in arguments], stdin)
        for key in self.keys:
            assert key not in ended.out + ended.err
        return ended


def _run(arguments: list[str], stdin: str) -> Ended:
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setattr("sys.stdin", io.StringIO(stdin))
        code = run(arguments)
    return Ended(code, out.getvalue(), err.getvalue())


@pytest.fixture
def quiet() -> Iterator[None]:
    """Keep the logs of servers that share this process out of what commands print."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def shell(runtime: Runtime, owner_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet: None) -> Shell:
    """A shell on the machine of an installation whose web process is down."""
    for name in [name for name in os.environ if name.startswith("BLAZZ_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BLAZZ_HOME", str(runtime.settings.home))
    monkeypatch.setenv("BLAZZ_DATABASE_URL", owner_url)
    monkeypatch.setenv("BLAZZ_SECRET_KEY", SECRET)
    monkeypatch.setenv("BLAZZ_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("blazz.cli.direct.configure_logs", lambda *_, **__: None)
    return Shell()


@pytest.fixture
async def served(
    shell: Shell, runtime: Runtime, workspace: WorkspaceFixture, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """The same shell with the web process up and a key for everything; gives the address."""
    key = await make_key(runtime, workspace)
    shell.keys.append(key)
    async with web(runtime, free_port()) as address:
        monkeypatch.setenv("BLAZZ_URL", address)
        monkeypatch.setenv("BLAZZ_API_KEY", key)
        yield address


@pytest.fixture
async def connected(served: str, runtime: Runtime, workspace: WorkspaceFixture, tmp_path: Path) -> AsyncIterator[str]:
    """With a simulator's number connected and its templates read; gives the number's id."""
    async with simulator(tmp_path / "simulator", behaviour=CALM) as address:
        providers = Providers(runtime.settings)
        wanted = SimulatorNumber(address=address, web_address=served, is_default=True, messages_per_second=1000)
        number, _ = await connect_simulator(runtime, providers, workspace.owner, wanted)
        yield encode_id("num", number.id)
        await providers.aclose()


@pytest.fixture
async def worker(served: str, runtime: Runtime, owner_url: str) -> AsyncIterator[None]:
    """With the worker running, so that jobs are done and messages leave."""
    named = runtime.settings.model_copy(update={"database_url": SecretStr(owner_url)})
    async with working(replace(runtime, settings=named)):
        yield
