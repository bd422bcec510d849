"""The limits of a simulated account: throughput and pairs per number, distinct people and marketing per account."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from blazz.adapters.providers.simulator.config import SimulatorConfig
from blazz.adapters.providers.simulator.errors import GraphError

_DAY_SECONDS = 86_400.0
_HOUR_SECONDS = 3_600.0
TIERS = {
    "TIER_50": 50,
    "TIER_250": 250,
    "TIER_2K": 2_000,
    "TIER_10K": 10_000,
    "TIER_100K": 100_000,
    "TIER_UNLIMITED": -1,
}


def tier_name(people: int) -> str:
    """Return the smallest tier that holds so many people in a day; a negative number means without limit."""
    if people < 0:
        return "TIER_UNLIMITED"
    return next((name for name, most in TIERS.items() if 0 <= people <= most), "TIER_UNLIMITED")


@dataclass(slots=True)
class Throughput:
    """One number's bucket of sends per second."""

    rate: float
    _tokens: float = 0.0
    _refilled_at: float | None = None

    def admit(self, at: float) -> None:
        """Take one token; raises GraphError 130429 when there is none. Zero or less means without limit."""
        if self.rate <= 0:
            return
        if self._refilled_at is None:
            self._tokens, self._refilled_at = self.rate, at
        self._tokens = min(self.rate, self._tokens + (at - self._refilled_at) * self.rate)
        self._refilled_at = at
        if self._tokens < 1:
            raise GraphError(130429, "the number's throughput is used up")
        self._tokens -= 1


@dataclass(slots=True)
class Limits:
    """Admits or refuses sends by the clock; negative means without limit."""

    config: SimulatorConfig
    now: Callable[[], float] = time.monotonic
    most_people: int = -1
    _throughputs: dict[str, Throughput] = field(default_factory=dict)
    _pairs: dict[tuple[str, str], float] = field(default_factory=dict)
    _people: dict[str, float] = field(default_factory=dict)
    _marketing: dict[str, list[float]] = field(default_factory=dict)
    _calls: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with the configured tier."""
        self.most_people = self.config.unique_recipients

    def throughput(self, number_id: str) -> Throughput:
        """Return a number's bucket."""
        return self._throughputs.setdefault(number_id, Throughput(self.config.messages_per_second))

    def admit(self, to: str, number_id: str = "", *, opens: bool = True) -> None:
        """Admit one send to a person; ``opens`` when no service window is open and the person counts for the tier.

        Raises:
            GraphError: 130429 throughput, 131056 pair limit, 131048 too many distinct people in a day.

        """
        at = self.now()
        self.throughput(number_id).admit(at)
        self._distinct(to, at, opens=opens)
        self._pair(number_id, to, at)

    def _pair(self, number_id: str, to: str, at: float) -> None:
        """Keep, per pair, the instant up to which the allowance is spent; a burst may run ahead of the clock."""
        every = self.config.pair_seconds
        if every <= 0:
            return
        spent_until = max(self._pairs.get((number_id, to), at), at)
        if spent_until - at >= every * max(1, self.config.pair_burst):
            raise GraphError(131056, "too many messages to this person in a short time")
        self._pairs[(number_id, to)] = spent_until + every

    def _distinct(self, to: str, at: float, *, opens: bool) -> None:
        most = self.most_people
        if most < 0 or not opens:
            return
        if at - self._people.get(to, -_DAY_SECONDS) >= _DAY_SECONDS:
            if len(self._people) >= most:
                self._people = {one: seen for one, seen in self._people.items() if at - seen < _DAY_SECONDS}
            if len(self._people) >= most:
                raise GraphError(131048, "the messaging limit of the last 24 hours is reached")
            self._people[to] = at

    def withholds_marketing(self, to: str) -> bool:
        """Count a marketing message to a person; tell whether it is withheld (131049, told later by webhook)."""
        most, at = self.config.marketing_per_person, self.now()
        if most < 0:
            return False
        recent = [seen for seen in self._marketing.get(to, ()) if at - seen < _DAY_SECONDS]
        self._marketing[to] = recent
        if len(recent) >= most:
            return True
        recent.append(at)
        return False

    def forget_marketing(self, to: str) -> None:
        """Forget what a person got: somebody who answers does not count for the cap."""
        self._marketing.pop(to, None)

    def admit_management_call(self) -> None:
        """Admit a call that is no send; raises GraphError 80007 when the hour's allowance is used up."""
        most, at = self.config.management_calls_per_hour, self.now()
        if most < 0:
            return
        self._calls = [seen for seen in self._calls if at - seen < _HOUR_SECONDS]
        if len(self._calls) >= most:
            raise GraphError(80007, "the account's management calls of this hour are used up")
        self._calls.append(at)
