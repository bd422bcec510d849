"""Time as an injected dependency, so that tests move it instead of sleeping.

Machines disagree about the time; the database's clock decides (failure F-12). Each process measures how far its own
clock is off and corrects what it calls the present, ids included.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant; everything that asks for time asks one of these."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class _Correction:
    """How many seconds the database's clock is ahead of this machine's."""

    seconds: float = 0.0


def wall_seconds() -> float:
    """Return this machine's own idea of the time, in seconds since 1970."""
    return time.time()


def present_seconds() -> float:
    """Return the corrected time, in seconds since 1970."""
    return wall_seconds() + _Correction.seconds


def correct_clock(seconds: float) -> float:
    """Set how far the database's clock is ahead; answer how much that changed."""
    change = seconds - _Correction.seconds
    _Correction.seconds = seconds
    return change


class SystemClock:
    """The machine's clock, corrected by what was measured against the database's."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.fromtimestamp(present_seconds(), UTC)


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
