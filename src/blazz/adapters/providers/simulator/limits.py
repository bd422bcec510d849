"""The limits of a simulated number: throughput, pairs, and distinct people in a rolling day."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from blazz.adapters.providers.simulator.config import SimulatorConfig
from blazz.adapters.providers.simulator.errors import GraphError

_DAY_SECONDS = 86_400.0


@dataclass(slots=True)
class Limits:
    """Admits or refuses sends by the clock; zero or less means without limit."""

    config: SimulatorConfig
    now: Callable[[], float] = time.monotonic
    _tokens: float = 0.0
    _refilled_at: float | None = None
    _pairs: dict[str, float] = field(default_factory=dict)
    _people: dict[str, float] = field(default_factory=dict)

    def admit(self, to: str) -> None:
        """Admit one send to a person.

        Raises:
            GraphError: 130429 throughput, 131056 pair limit, 131048 too many distinct people in a day.

        """
        at = self.now()
        self._throughput(at)
        self._pair(to, at)
        self._distinct(to, at)

    def _throughput(self, at: float) -> None:
        rate = self.config.messages_per_second
        if rate <= 0:
            return
        if self._refilled_at is None:
            self._tokens, self._refilled_at = rate, at
        self._tokens = min(rate, self._tokens + (at - self._refilled_at) * rate)
        self._refilled_at = at
        if self._tokens < 1:
            raise GraphError(130429, "Rate limit hit", "the number's throughput is used up")
        self._tokens -= 1

    def _pair(self, to: str, at: float) -> None:
        """Keep, per person, the instant up to which the allowance is spent; a burst may run ahead of the clock."""
        every = self.config.pair_seconds
        if every <= 0:
            return
        spent_until = max(self._pairs.get(to, at), at)
        if spent_until - at > every * self.config.pair_burst:
            raise GraphError(131056, "Pair rate limit hit", "too many messages to this person in a short time")
        self._pairs[to] = spent_until + every

    def _distinct(self, to: str, at: float) -> None:
        most = self.config.unique_recipients
        if most < 0:
            return
        if to not in self._people and len(self._people) >= most:
            self._people = {one: seen for one, seen in self._people.items() if at - seen < _DAY_SECONDS}
            if len(self._people) >= most:
                raise GraphError(131048, "Spam rate limit hit", "the messaging limit of the last 24 hours is reached")
        self._people.setdefault(to, at)
