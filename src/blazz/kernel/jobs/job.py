"""The base of every job."""

from datetime import timedelta
from typing import ClassVar, Self

import msgspec


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Work to do once, later, by the worker: ids only, safe to run twice.

    ``name`` is the entrypoint in the queue, ``timeout_seconds`` ends a run that hangs, ``attempts`` counts runs before
    the job is parked with its error, ``priority`` orders waiting jobs (higher first). ``most_deaths`` counts workers that
    may die while it runs before it is parked; long jobs that go on where they stopped may outlive many.
    """

    name: ClassVar[str]
    timeout_seconds: ClassVar[float] = 60.0
    attempts: ClassVar[int] = 5
    priority: ClassVar[int] = 0
    most_deaths: ClassVar[int] = 3
    retry_delay: ClassVar[timedelta] = timedelta(seconds=5)

    workspace_id: int
    delay_seconds: float = 0.0
    attempt: int = 0

    def encode(self) -> bytes:
        """Write the payload as it is stored."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, payload: bytes) -> Self:
        """Read a stored payload."""
        return msgspec.json.decode(payload, type=cls)

    def again(self, attempt: int) -> Self:
        """Make the next try of this job, after a growing delay."""
        delay = self.retry_delay.total_seconds() * 2 ** (attempt - 1)
        return msgspec.structs.replace(self, attempt=attempt, delay_seconds=min(delay, 600.0))

    def from_the_start(self) -> Self:
        """Make this job as if it had never been tried."""
        return msgspec.structs.replace(self, attempt=0, delay_seconds=0.0)

    def dedupe_key(self) -> str | None:
        """Return a key that lets only one such job wait at a time, or None."""
        return None
