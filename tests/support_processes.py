"""The simulator, the web application and the worker's loops inside a test, on real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import uvicorn

from blazz.adapters.providers.simulator import Behaviour, Faults, SimulatorConfig
from blazz.adapters.providers.simulator.acceptance_log import AcceptanceLog
from blazz.adapters.providers.simulator.server import make_app as make_simulator_app
from blazz.adapters.providers.simulator.server import make_simulator
from blazz.kernel.runtime import Runtime
from blazz.main.api import FrontDoor, make_app
from blazz.main.wiring import Providers
from blazz.main.worker import Worker


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(app: object, port: int) -> AsyncIterator[None]:
    """Serve an application for as long as the block."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)  # type: ignore[arg-type]
    )
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event for this
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@dataclass(slots=True)
class Stage:
    """Everything running; ``acceptances`` is what the provider knows to have accepted."""

    simulator_url: str
    web_url: str
    log_path: Path
    callback: list[str] = field(default_factory=list)

    def acceptances(self) -> list[str]:
        """The opaque ids accepted, in order."""
        log = AcceptanceLog(self.log_path)
        found = [entry.opaque or "" for entry in log.read()]
        log.close()
        return found


@asynccontextmanager
async def simulator(
    folder: Path, callback_url: str = "", *, faults: Faults | None = None, behaviour: Behaviour | None = None
) -> AsyncIterator[str]:
    """Run a simulator; answer its address."""
    port = free_port()
    config = SimulatorConfig(
        data_dir=folder,
        port=port,
        callback_url=callback_url,
        messages_per_second=0,
        time_scale=0.01,
        hang_seconds=3,
        faults=faults or Faults(),
        behaviour=behaviour or Behaviour(),
    )
    async with serving(make_simulator_app(make_simulator(config)), port):
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def web(runtime: Runtime, port: int) -> AsyncIterator[str]:
    """Serve the web application; answer its address."""
    async with serving(FrontDoor(make_app(runtime)), port):
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncIterator[Worker]:
    """Run a worker's loops."""
    providers = Providers(runtime.settings)
    worker = Worker(runtime, providers)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(task, 40)
        await providers.aclose()


def decode(body: bytes) -> dict[str, object]:
    """Read a JSON object."""
    return msgspec.json.decode(body, type=dict[str, object])
