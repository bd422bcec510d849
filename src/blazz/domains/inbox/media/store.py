"""Runs the statements about files and maps their rows."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from blazz.domains.inbox.media.types import Media
from blazz.kernel.db import WorkspaceTx, load_queries

SQL = load_queries("blazz.domains.inbox.media")


async def find_media(tx: WorkspaceTx, media_id: UUID) -> Media | None:
    """Return one file, or None."""
    row = await tx.fetchrow(SQL["get_media"], tx.workspace_id, media_id)
    return Media(**dict(row)) if row else None


async def remember_upload(
    tx: WorkspaceTx, media_id: UUID, number_id: UUID, provider_media_id: str, lifetime: timedelta
) -> None:
    """Keep what the provider calls a file, until it forgets it."""
    await tx.execute(SQL["remember_upload"], tx.workspace_id, media_id, number_id, provider_media_id, lifetime)
    await tx.execute(SQL["release_waiting"], tx.workspace_id, number_id)


async def fail_upload(tx: WorkspaceTx, media_id: UUID, number_id: UUID, failure: str) -> None:
    """Keep why the provider did not take a file."""
    await tx.execute(SQL["fail_upload"], tx.workspace_id, media_id, number_id, failure)
    await tx.execute(SQL["release_waiting"], tx.workspace_id, number_id)


async def known_media(tx: WorkspaceTx, media_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return kind and state of the files that exist."""
    rows = await tx.fetch(SQL["known_media"], tx.workspace_id, list(media_ids))
    return {row["id"]: (row["kind"], row["state"]) for row in rows}
