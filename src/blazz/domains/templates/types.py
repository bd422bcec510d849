"""Templates as they cross the door of this domain."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from blazz.domains.channels.content import JsonObject, TemplateDefinition

SENDABLE_STATUS = "APPROVED"
ParameterFormat = Literal["POSITIONAL", "NAMED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template of an account; status, quality and category are the provider's words, kept as they are."""

    id: UUID
    account_id: UUID
    provider_template_id: str | None
    name: str
    language: str
    category: str
    status: str
    quality: str
    rejection_reason: str | None
    parameter_format: ParameterFormat
    components: tuple[JsonObject, ...]
    synced_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def definition(self) -> TemplateDefinition:
        """The template as content helpers read it; keep the result while filling it for many people."""
        return TemplateDefinition(
            name=self.name,
            language=self.language,
            category=self.category,
            components=self.components,
            parameter_format=self.parameter_format,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFilter:
    """What a list shows: every given part must match; ``name`` matches anywhere in the name."""

    account_id: UUID | None = None
    status: str | None = None
    category: str | None = None
    language: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableSource:
    """Where a variable takes its value: a contact field with a stand-in, or a fixed text."""

    field: str | None = None
    text: str | None = None
    fallback: str | None = None


Mapped = Mapping[str, VariableSource]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedValues:
    """Values for one person; ``missing`` names the required variables that stayed empty."""

    values: Mapping[str, str]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a reading of the provider's templates changed."""

    seen: int
    changed: int
    removed: int
