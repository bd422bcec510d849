"""What happens to templates."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from blazz.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChanged(Event):
    """A template was added, or its status, quality or category changed."""

    type: ClassVar[str] = "template.changed"
    template_id: UUID
    name: str
    language: str
    status: str
    quality: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRemoved(Event):
    """A template is gone at the provider; campaigns that use it cannot go on."""

    type: ClassVar[str] = "template.removed"
    template_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatesSynced(Event):
    """The provider's list of an account was read; counts of templates."""

    type: ClassVar[str] = "templates.synced"
    account_id: UUID
    seen: int
    changed: int
    removed: int
