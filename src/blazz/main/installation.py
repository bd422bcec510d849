"""A whole installation on one machine: database, web, worker, and the simulator where one is wanted."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from blazz.adapters.postgres import EmbeddedPostgres, machine_memory_mb
from blazz.kernel.config import Settings
from blazz.kernel.errors import Conflict, Message
from blazz.main.local_database import embedded_postgres, running_url
from blazz.main.process_output import ProcessOutput
from blazz.main.supervisor import ProcessSpec, Supervisor
from blazz.migrations import migrate

_READY_SECONDS = 60.0
_PROBE_SECONDS = 2.0
# Well above what a process needs with full pools and a batch in flight, and below what starves the database.
_LEAST_MEMORY_LIMIT_MB = 768


class PortTaken(Conflict):
    """Another program listens where the web process should; ``host``, ``port`` and ``setting`` say where."""

    code = "port_taken"
    message = Message(
        en="Port {port} on {host} is taken by another program. Stop it, or choose another port with {setting}.",
        id="Port {port} di {host} sudah dipakai program lain. Hentikan program itu, atau pilih port lain dengan {setting}.",
    )


@dataclass(slots=True)
class Installation:
    """Starts in order, runs until stopped, stops in the opposite order; the database goes last.

    ``extra`` processes run beside web and worker; ``env`` is added to the environment of all of them.
    """

    settings: Settings
    extra: Sequence[ProcessSpec] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    output: ProcessOutput | None = None
    supervisor: Supervisor | None = None
    postgres: EmbeddedPostgres | None = None
    is_recorded: bool = False

    async def start(self) -> None:
        """Start the database, bring its schema up to date, start the processes and wait until they can work.

        Raises:
            PortTaken: the web port is in use.
            DatabaseNotStarted: the embedded server does not come up.
            MigrationError: the schema cannot be brought to this version.
            TimeoutError: a process does not become ready.

        """
        require_free_port(self.settings.host, self.settings.port, "BLAZZ_PORT")
        self.postgres = embedded_postgres(self.settings)
        if self.postgres is not None:
            await asyncio.to_thread(self.postgres.start)
        await migrate(running_url(self.settings), self.settings.key)
        specs = self.specs()
        self.output = self.output or ProcessOutput(sys.stderr, tuple(spec.name for spec in specs))
        watches = [self._watch_database] if self.postgres is not None else []
        self.supervisor = Supervisor(specs, watches=watches, output=self.output)
        await self.supervisor.start()
        await self.supervisor.wait_ready(_READY_SECONDS)
        self._record_address()

    async def stop(self) -> None:
        """Drain the processes, then stop the database."""
        if self.is_recorded:
            self.address_file.unlink(missing_ok=True)
        if self.supervisor is not None:
            await self.supervisor.stop()
        if self.postgres is not None:
            await asyncio.to_thread(self.postgres.stop)

    def specs(self) -> list[ProcessSpec]:
        """Return the processes of this installation."""
        limit = max(_LEAST_MEMORY_LIMIT_MB, machine_memory_mb() // 4)
        env = {"BLAZZ_HOME": str(self.settings.home), **self.env}
        command = (sys.executable, "-m", "blazz", "run")
        web = ProcessSpec(name="web", command=(*command, "web"), env=env, memory_limit_mb=limit, ready=self._web_ready)
        worker = ProcessSpec(name="worker", command=(*command, "worker"), env=env, memory_limit_mb=limit)
        return [web, worker, *self.extra]

    @property
    def address_file(self) -> Path:
        """Where the commands of this machine find the address of a running installation."""
        return self.settings.home / "web.address"

    def _record_address(self) -> None:
        host = _reachable(self.settings.host)
        shown = f"[{host}]" if ":" in host else host
        self.address_file.write_text(f"http://{shown}:{self.settings.port}\n", encoding="ascii")
        self.is_recorded = True

    async def _web_ready(self) -> bool:
        return await answers_ok(_reachable(self.settings.host), self.settings.port, "/readyz")

    async def _watch_database(self) -> None:
        assert self.postgres is not None
        if await asyncio.to_thread(self.postgres.ensure_running) and self.output is not None:
            self.output.say("the database had ended and is back", level="warning")


async def run_installation(settings: Settings) -> int:
    """Run an installation until SIGTERM, SIGINT or a hopeless process; return the exit code."""
    installation = Installation(settings)
    stopping = _stop_on_signals()
    starting = asyncio.create_task(installation.start())
    try:
        # A signal during a long first start must end it in order, too.
        await _first(starting, stopping)
        if not starting.done():
            return 0
        await starting
        assert installation.supervisor is not None
        await _invite_first_person(settings)
        sys.stderr.write(
            f"Blazz is running at {settings.base_url} (API description: {settings.base_url}/api/openapi.json). Ctrl-C stops it.\n"
        )
        ended = asyncio.create_task(installation.supervisor.wait())
        await _first(ended, stopping)
        return ended.result() if ended.done() else 0
    finally:
        if not starting.done():
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await starting
        await installation.stop()


async def _invite_first_person(settings: Settings) -> None:
    """Show the setup link's token while the instance has nobody; each start makes a new one and ends the last.

    In a process of its own, because this one stays and would keep all that it loads.
    """
    connection = await asyncpg.connect(running_url(settings))
    try:
        if await connection.fetchval("SELECT EXISTS (SELECT 1 FROM users)"):
            return
    finally:
        await connection.close()
    env = {**os.environ, "BLAZZ_HOME": str(settings.home)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "blazz", "users", "setup-link", env=env, stdin=asyncio.subprocess.DEVNULL
    )
    await process.wait()


async def _first(*waiting: asyncio.Future[Any]) -> None:
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)


def _stop_on_signals() -> asyncio.Future[None]:
    loop = asyncio.get_running_loop()
    stopping: asyncio.Future[None] = loop.create_future()

    def stop() -> None:
        if not stopping.done():
            stopping.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    return stopping


def require_free_port(host: str, port: int, setting: str) -> None:
    """Refuse a port that another program listens on.

    Raises:
        PortTaken: naming the setting that moves ours.

    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(host=host, port=port, setting=setting) from error


async def answers_ok(host: str, port: int, path: str) -> bool:
    """Tell whether an HTTP server answers 200 on a path; False while it cannot be reached."""
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("ascii"))
                await writer.drain()
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


def _reachable(host: str) -> str:
    """Return an address to reach a listener of this machine at: every-address listeners answer on loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not bound to
