"""Faults of requests: what was ordered comes first, then what falls by chance; both follow from the seed."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Annotated, Literal

import msgspec

from blazz.adapters.providers.simulator.config import Faults
from blazz.adapters.providers.simulator.people import chance

Kind = Literal["error", "html_502", "accept_then_503", "accept_then_hang", "accept_then_reset", "slow"]


class Ordered(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A fault for the next ``times`` requests whose recipient matches ``to``; ``code`` is that of an ``error``."""

    kind: Kind = "error"
    code: int = 131000
    details: str = "ordered by the test"
    to: str = "*"
    times: Annotated[int, msgspec.Meta(ge=1)] = 1
    seconds: Annotated[float, msgspec.Meta(ge=0)] = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What happens to one request; ``seconds`` None stands for the configured time."""

    kind: Kind | Literal["throttled", "status_first"]
    code: int = 0
    details: str = ""
    seconds: float | None = None


@dataclass(slots=True)
class FaultDesk:
    """Hands out faults."""

    faults: Faults
    seed: int
    ordered: list[Ordered] = field(default_factory=list)

    def order(self, fault: Ordered) -> None:
        """Order a fault; earlier orders are served first."""
        self.ordered.append(fault)

    def clear(self) -> None:
        """Forget all orders."""
        self.ordered.clear()

    def troubles(self, person: str, attempt: int) -> tuple[Trouble, ...]:
        """Decide what happens to the request number ``attempt`` for a person, in the order it happens."""
        for fault in self.ordered:
            if fnmatchcase(person, fault.to):
                fault.times -= 1
                if not fault.times:
                    self.ordered.remove(fault)
                return (Trouble(kind=fault.kind, code=fault.code, details=fault.details, seconds=fault.seconds),)
        return self._by_chance(person, attempt)

    def _by_chance(self, person: str, attempt: int) -> tuple[Trouble, ...]:
        faults = self.faults
        table: tuple[tuple[float, Trouble], ...] = (
            (faults.slow, Trouble(kind="slow", seconds=faults.slow_seconds)),
            (faults.throttled, Trouble(kind="throttled")),
            (faults.error_before_accept, Trouble(kind="html_502")),
            (faults.status_before_answer, Trouble(kind="status_first")),
            (faults.accept_then_hang, Trouble(kind="accept_then_hang")),
            (faults.error_after_accept, Trouble(kind="accept_then_503")),
            (faults.accept_then_reset, Trouble(kind="accept_then_reset")),
        )
        if not any(rate for rate, _ in table):
            return ()
        dice = chance(self.seed, "fault", person, attempt)
        return tuple(trouble for rate, trouble in table if dice.random() < rate)
