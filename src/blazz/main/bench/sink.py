"""A provider that accepts everything at once: nginx where it is installed, a built-in sink where it is not."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from blazz.main.demo import free_port
from blazz.main.installation import answers_ok

_NGINX_CONFIG = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    keepalive_requests 100000000;
    default_type application/json;
    location / {{
      return 200 '{{"messaging_product":"whatsapp","messages":[{{"id":"wamid.$request_id"}}]}}';
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """Where it listens and what it is."""

    url: str
    kind: str


@asynccontextmanager
async def running_sink(folder: Path) -> AsyncIterator[Sink]:
    """Run a sink until the block ends.

    Raises:
        RuntimeError: it did not start.

    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    port = free_port(0)
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if nginx is not None:
        config = folder / "nginx.conf"
        await asyncio.to_thread(config.write_text, _NGINX_CONFIG.format(folder=folder, port=port), encoding="utf-8")
        command = [nginx, "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log")]
    else:
        command = [sys.executable, "-m", "blazz.main.bench.sink_server", str(port)]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, env=dict(os.environ)
    )
    try:
        await _wait(process, port)
        yield Sink(url=f"http://127.0.0.1:{port}", kind="nginx" if nginx else "built-in sink (nginx is not installed)")
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _wait(process: asyncio.subprocess.Process, port: int) -> None:
    for _ in range(100):
        if process.returncode is not None:
            break
        if await answers_ok("127.0.0.1", port, "/"):
            return
        await asyncio.sleep(0.05)
    msg = f"the sink on port {port} did not start (exit code {process.returncode})"
    raise RuntimeError(msg)
