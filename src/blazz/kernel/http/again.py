"""Runs a request a second time when its transaction was rolled back for a passing reason.

A deadlock, or a partition that was missing and has been made: nothing was written and nobody was called, so the client
need not know. Only requests whose work is one transaction ask for it (``open_scope``); the rest see the error.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MOST_BYTES = 1_000_000
_WISH = "run_again"


def wish_to_run_again(state: object) -> None:
    """Note on ``request.state`` that the request may run again."""
    setattr(state, _WISH, True)


class RunAgainMiddleware:
    """Repeats a request once if the application wished so before it answered."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, by two runs at most."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        tape = _Tape(receive)
        state = scope.setdefault("state", {})
        is_dropped = False

        async def send_unless_repeated(message: Message) -> None:
            nonlocal is_dropped
            if message["type"] == "http.response.start" and state.pop(_WISH, False) and tape.is_complete:
                is_dropped = True
            if not is_dropped:
                await send(message)

        await self.app(scope, tape.record, send_unless_repeated)
        if is_dropped:
            await self.app(scope, tape.play, send)


class _Tape:
    """Remembers what the client sent, as long as it is not large."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []
        self._size = 0

    @property
    def is_complete(self) -> bool:
        """Tell whether everything received so far can be played again."""
        return self._size <= _MOST_BYTES

    async def record(self) -> Message:
        """Receive the next message and remember it."""
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self.is_complete:
            self._messages.append(message)
        else:
            self._messages.clear()
        return message

    async def play(self) -> Message:
        """Give the remembered messages again, then what else the client sends."""
        return self._messages.pop(0) if self._messages else await self._receive()
