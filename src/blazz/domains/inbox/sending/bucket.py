"""The token bucket of one number: how many messages may leave now."""

import time
from collections.abc import Callable

_COMPLAINT_SECONDS = 1.0


class TokenBucket:
    """Lets ``rate`` messages a second pass, with a burst of a quarter second; shrinks when the provider complains.

    The current rate falls by half on a complaint and climbs back by a tenth of the full rate each second. Complaints of
    one second count once: calls that were in flight together tell the same story.
    """

    def __init__(self, rate: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start full at ``rate`` messages a second."""
        self._monotonic = monotonic
        self._full = self._rate = float(rate)
        self._tokens = self._burst()
        self._at = monotonic()
        self._slowed_at = self._at - _COMPLAINT_SECONDS

    @property
    def rate(self) -> float:
        """Messages a second at present."""
        return self._rate

    def available(self) -> int:
        """Whole messages that may leave now."""
        self._refill()
        return int(self._tokens)

    def take(self, count: int) -> None:
        """Use tokens up."""
        self._tokens -= count

    def give_back(self, count: int) -> None:
        """Return tokens of messages that did not leave after all."""
        self._tokens = min(self._burst(), self._tokens + count)

    def seconds_until_next(self) -> float:
        """Time until at least one more message may leave."""
        self._refill()
        return max(0.0, (1 - self._tokens) / self._rate)

    def slow_down(self) -> None:
        """Halve the rate, never below one message a second."""
        self._refill()
        if self._at - self._slowed_at < _COMPLAINT_SECONDS:
            return
        self._slowed_at = self._at
        self._rate = max(1.0, self._rate / 2)
        self._tokens = min(self._tokens, self._burst())

    def _burst(self) -> float:
        return max(1.0, self._rate / 4)

    def _refill(self) -> None:
        now = self._monotonic()
        passed = max(0.0, now - self._at)
        self._at = now
        self._rate = min(self._full, self._rate + self._full * 0.1 * passed)
        self._tokens = min(self._burst(), self._tokens + self._rate * passed)
