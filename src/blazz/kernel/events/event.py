"""The base of every event."""

from dataclasses import dataclass, fields
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in a workspace; subclasses add fields of JSON types, ids and instants.

    ``type`` is dotted and permanent, ``version`` rises when a field changes its meaning, ``audience`` names the
    realtime channel the event goes to (``workspace`` is everyone of the workspace).
    """

    type: ClassVar[str]
    version: ClassVar[int] = 1
    workspace_id: int
    audience: str = "workspace"

    def payload(self) -> dict[str, object]:
        """Return the fields that go into the stored event, ids as text."""
        skipped = {"workspace_id", "audience"}
        return {item.name: _plain(getattr(self, item.name)) for item in fields(self) if item.name not in skipped}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value
