"""The database of this installation: the one that is named, or the embedded one under the data folder."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection
from urllib.parse import urlsplit

from blazz.adapters.postgres import (
    DatabaseFolderInUse,
    DatabaseNotStarted,
    EmbeddedPostgres,
    recorded_url,
)
from blazz.kernel.config import Settings

_OWNER_STARTS_WITHIN_SECONDS = 60.0


def embedded_postgres(settings: Settings) -> EmbeddedPostgres | None:
    """Return the embedded server of these settings, not yet started; None when another database is named."""
    return None if settings.database_url is not None else EmbeddedPostgres(database_folder(settings))


def database_folder(settings: Settings) -> Path:
    """Return where the embedded server keeps what it knows."""
    return settings.home / "postgres"


@contextmanager
def owner_url(settings: Settings) -> Iterator[str]:
    """Lend the address of the database as its owner.

    A running installation's embedded server is used as it is; otherwise the server runs for as long as the block.

    Raises:
        DatabaseNotStarted: the embedded server does not come up, or its owner does not bring it up in time.

    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    server = EmbeddedPostgres(database_folder(settings))
    try:
        url = server.start()
    except DatabaseFolderInUse:
        yield running_url(settings)
        return
    try:
        yield url
    finally:
        server.stop()


def running_url(settings: Settings, *, patience_seconds: float = _OWNER_STARTS_WITHIN_SECONDS) -> str:
    """Return the owner's address of a database that another process runs, waiting while that one starts it.

    Raises:
        DatabaseNotStarted: nothing answers in time.

    """
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    deadline = time.monotonic() + patience_seconds
    while True:
        url = recorded_url(database_folder(settings))
        if url is not None and _answers(url):
            return url
        if time.monotonic() > deadline:
            raise DatabaseNotStarted(reason=f"nothing answers for {settings.home}; is `blazz up` running?")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        create_connection((parts.hostname or "127.0.0.1", parts.port or 5432), timeout=2).close()
    except OSError:
        return False
    return True
