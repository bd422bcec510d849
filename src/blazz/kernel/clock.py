"""Time as an injected dependency, so that tests move it instead of sleeping."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant; everything that asks for time asks one of these."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved; for tests and simulations."""

    def __init__(self, at: datetime) -> None:
        """Start at ``at``, which must be aware."""
        if at.tzinfo is None:
            msg = "a clock needs an aware instant"
            raise ValueError(msg)
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant the clock stands at."""
        return self._at

    def advance(self, by: timedelta) -> None:
        """Move the clock; a negative amount moves it back."""
        self._at += by


def millis(at: datetime) -> int:
    """Milliseconds since 1970 of an aware instant."""
    return int(at.timestamp() * 1000)
