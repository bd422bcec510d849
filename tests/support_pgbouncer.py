"""PgBouncer in transaction mode in front of the test server, as an operator would run it."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from tests.support_processes import free_port

PROGRAM = shutil.which("pgbouncer", path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"]))
# Fewer server connections than the tests' pools have clients, so that statements really change connections.
_CONFIG = """
[databases]
* = host={host} port={port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = 4
max_client_conn = 400
server_idle_timeout = 5
server_reset_query_always = 0
logfile = {log}
"""


@contextmanager
def pgbouncer(folder: Path, server_url: str, logins: list[str]) -> Iterator[int]:
    """Run a pooler for the roles of the given addresses; answer its port."""
    assert PROGRAM is not None
    server, listen = urlsplit(server_url), free_port()
    users, config, log = folder / "users.txt", folder / "pgbouncer.ini", folder / "pgbouncer.log"
    parts = [urlsplit(url) for url in logins]
    users.write_text(
        "".join(f'"{unquote(part.username or "")}" "{unquote(part.password or "")}"\n' for part in parts), "utf-8"
    )
    config.write_text(
        _CONFIG.format(host=server.hostname, port=server.port, listen=listen, users=users, log=log), "utf-8"
    )
    account = _unprivileged(folder)
    process = subprocess.Popen(
        [PROGRAM, "--quiet", str(config)], user=account, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _wait_until_it_listens(process, listen, log)
        yield listen
    finally:
        process.kill()
        process.communicate()


def through(port: int, url: str) -> str:
    """The same role and database, by way of the pooler."""
    parts = urlsplit(url)
    login = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{port}"))


def _unprivileged(folder: Path) -> int | None:
    """Give the folder to an account without rights, because PgBouncer refuses to run as root."""
    if os.geteuid() != 0:
        return None
    uid = pwd.getpwnam("nobody").pw_uid
    for path in [folder, *folder.iterdir()]:
        os.chown(path, uid, -1)
    return uid


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    told = log.read_text("utf-8") if log.exists() else ""
    msg = f"PgBouncer does not listen: {told or process.returncode}"
    raise RuntimeError(msg)
