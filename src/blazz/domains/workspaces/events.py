"""What happens to workspaces."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from blazz.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceCreated(Event):
    """A workspace was created."""

    type: ClassVar[str] = "workspace.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(Event):
    """A member was added, got another role, or was removed (role None)."""

    type: ClassVar[str] = "member.changed"
    user_id: UUID
    role: str | None
