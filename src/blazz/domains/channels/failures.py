"""A failure as a provider told it: one of a closed set, with the provider's own number and sentence."""

from dataclasses import dataclass

from .failure_rules import FAILURE_RULES
from .failure_types import FailureCode, FailureRule, Fault, Pauses, RetryClass

__all__ = ["FAILURE_RULES", "FailureCode", "FailureRule", "Fault", "Pauses", "RetryClass", "SendFailure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFailure:
    """One failure as a provider told it.

    ``retry_after_seconds`` is the first wait, ``retry_growth`` multiplies it with every further one and ``max_tries``
    bounds all tries; None means that the provider sets no such figure. ``detail`` is the provider's own sentence and
    ``trace_id`` what its support asks for. Neither ever holds a credential.
    """

    code: FailureCode
    provider_code: int | None = None
    detail: str = ""
    trace_id: str | None = None
    retry_after_seconds: float | None = None
    retry_growth: float = 1.0
    max_tries: int | None = None

    @property
    def rule(self) -> FailureRule:
        """The rule of this failure's code."""
        return FAILURE_RULES[self.code]

    @property
    def retry(self) -> RetryClass:
        """What to do with the message."""
        return FAILURE_RULES[self.code].retry

    @property
    def fault(self) -> Fault:
        """Whose doing it is."""
        return FAILURE_RULES[self.code].fault

    @property
    def pauses(self) -> Pauses:
        """What must stop sending."""
        return FAILURE_RULES[self.code].pauses
