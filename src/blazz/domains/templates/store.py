"""Runs the statements of this domain and maps their rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import asyncpg
import msgspec

from blazz.domains.channels.content import JsonObject
from blazz.domains.channels.ports import StoredTemplate
from blazz.domains.templates.types import ParameterFormat, Template, TemplateFilter
from blazz.kernel.db import WorkspaceTx, load_queries
from blazz.kernel.ids import new_uuid7

SQL = load_queries("blazz.domains.templates")


async def database_time(tx: WorkspaceTx) -> datetime:
    """Return the database's present instant, which stamps readings of the provider's lists."""
    now: datetime = await tx.fetchval(SQL["database_time"])
    return now


async def list_templates(
    tx: WorkspaceTx, wanted: TemplateFilter, after: tuple[str, str, UUID] | None, limit: int
) -> list[Template]:
    """Return up to ``limit`` templates after a row, in the order of names."""
    name, language, row_id = after or (None, None, None)
    rows = await tx.fetch(
        SQL["list_templates"],
        tx.workspace_id,
        wanted.account_id,
        wanted.status,
        wanted.category,
        wanted.language,
        wanted.name,
        name,
        language,
        row_id,
        limit,
    )
    return [_template(row) for row in rows]


async def find_template(tx: WorkspaceTx, template_id: UUID) -> Template | None:
    """Return one template, or None."""
    row = await tx.fetchrow(SQL["get_template"], tx.workspace_id, template_id)
    return None if row is None else _template(row)


async def find_by_name(tx: WorkspaceTx, account_id: UUID, name: str, language: str) -> UUID | None:
    """Return the id of a template by its name and language, or None."""
    found: UUID | None = await tx.fetchval(SQL["find_by_name"], tx.workspace_id, account_id, name, language)
    return found


async def upsert_templates(
    tx: WorkspaceTx, account_id: UUID, templates: Sequence[StoredTemplate]
) -> list[asyncpg.Record]:
    """Keep what the provider listed (each name and language once); returns the rows that changed."""
    definitions = [item.definition for item in templates]
    return await tx.fetch(
        SQL["upsert_templates"],
        tx.workspace_id,
        account_id,
        [new_uuid7() for _ in templates],
        [item.provider_template_id for item in templates],
        [definition.name for definition in definitions],
        [definition.language for definition in definitions],
        [definition.category for definition in definitions],
        [item.status for item in templates],
        [item.quality or "UNKNOWN" for item in templates],
        [item.rejected_reason for item in templates],
        [definition.parameter_format for definition in definitions],
        [msgspec.json.encode(definition.components).decode() for definition in definitions],
    )


async def remove_unseen(tx: WorkspaceTx, account_id: UUID, began_at: datetime) -> list[UUID]:
    """Mark deleted what was not seen since an instant; returns the ids."""
    return [row["id"] for row in await tx.fetch(SQL["remove_unseen"], tx.workspace_id, account_id, began_at)]


async def remove_template(tx: WorkspaceTx, template_id: UUID) -> bool:
    """Mark one template deleted; False when there was none."""
    return await tx.fetchval(SQL["remove_template"], tx.workspace_id, template_id) is not None


async def find_changed(
    tx: WorkspaceTx, account_id: UUID, provider_template_id: str, name: str, language: str
) -> UUID | None:
    """Find the template that news from the provider is about, or None."""
    found: UUID | None = await tx.fetchval(
        SQL["find_changed"], tx.workspace_id, account_id, provider_template_id, name, language
    )
    return found


async def apply_change(
    tx: WorkspaceTx,
    template_id: UUID,
    *,
    status: str | None = None,
    quality: str | None = None,
    category: str | None = None,
    reason: str | None = None,
    at: datetime | None = None,
) -> asyncpg.Record | None:
    """Change what is given unless something newer than ``at`` is known; returns the row when anything changed."""
    row = await tx.fetchrow(SQL["apply_change"], tx.workspace_id, template_id, status, quality, category, reason, at)
    return row if row is not None and row["is_changed"] else None


async def remove_told(tx: WorkspaceTx, template_id: UUID, at: datetime | None, provider_template_id: str) -> bool:
    """Mark a template deleted because the provider says so; False when it is gone or something newer is known."""
    return await tx.fetchval(SQL["remove_told"], tx.workspace_id, template_id, at, provider_template_id) is not None


def _template(row: asyncpg.Record) -> Template:
    return Template(
        id=row["id"],
        account_id=row["account_id"],
        provider_template_id=row["provider_template_id"],
        name=row["name"],
        language=row["language"],
        category=row["category"],
        status=row["status"],
        quality=row["quality"],
        rejection_reason=row["rejection_reason"],
        parameter_format=cast("ParameterFormat", row["parameter_format"]),
        components=tuple(cast("list[JsonObject]", msgspec.json.decode(row["components"]))),
        synced_at=row["synced_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
