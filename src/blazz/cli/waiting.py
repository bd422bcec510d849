"""Looks at something again and again, also while the server restarts."""

import time
from collections.abc import Callable

from blazz.cli.api_client import ApiClient
from blazz.cli.endings import TRY_AGAIN, CommandRefused
from blazz.cli.output import say

_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 1.0


def look(client: ApiClient, path: str, *, sleep: Callable[[float], None] = time.sleep) -> object:
    """Read something; a server that is away for less than a minute is waited for.

    Raises:
        CommandRefused: it stays away, or refuses.

    """
    deadline, is_told = time.monotonic() + _PATIENCE_SECONDS, False
    while True:
        try:
            return client.get(path)
        except CommandRefused as refused:
            if refused.exit_code != TRY_AGAIN or time.monotonic() > deadline:
                raise
            if not is_told:
                say("blazz: the server does not answer; waiting for it…")
                is_told = True
        sleep(_PAUSE_SECONDS)
