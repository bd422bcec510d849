"""Serves the web process: the application of ``api`` on uvicorn, drained in order on SIGTERM."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from blazz.kernel.config import Settings
from blazz.main.api import FrontDoor, make_app
from blazz.main.wiring import open_runtime

# Below the supervisor's 25 s, so that the pools can still be closed in order.
_DRAIN_SECONDS = 20


class _Server(uvicorn.Server):
    """A server that stops when it is told to; uvicorn's own would raise the signal again before we have closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the caller."""
        yield


async def run_web(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests in flight."""
    runtime = await open_runtime(settings, "web")
    server = _Server(
        uvicorn.Config(
            FrontDoor(make_app(runtime)),
            host=settings.host,
            port=settings.port,
            http="httptools",
            ws="websockets-sansio",
            # Compression would cost several times the memory of an idle connection.
            ws_per_message_deflate=False,
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=settings.trusted_proxies or "127.0.0.1",
            proxy_headers=bool(settings.trusted_proxies),
            timeout_graceful_shutdown=_DRAIN_SECONDS,
            backlog=4096,
        )
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, server)
    try:
        await server.serve()
    finally:
        await runtime.database.close()


def _stop(server: uvicorn.Server) -> None:
    # Asked a second time, it no longer waits for requests.
    server.force_exit = server.should_exit
    server.should_exit = True
