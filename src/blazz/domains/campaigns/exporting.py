"""Writes the people of a campaign as a CSV file, page by page, so that a million rows need no memory."""

import io
from collections.abc import AsyncIterator
from uuid import UUID

from blazz.domains.campaigns import service
from blazz.domains.campaigns.shapes import recipient_view
from blazz.domains.campaigns.types import RecipientState
from blazz.kernel.actor import Actor
from blazz.kernel.runtime import Runtime
from blazz.kernel.tabular import CsvWriter

_PAGE = 2000
COLUMNS = (
    "contact_id",
    "name",
    "address",
    "state",
    "skip_reason",
    "message_id",
    "message_status",
    "error_code",
    "sent_at",
    "delivered_at",
    "read_at",
    "failed_at",
)


async def export_recipients(
    runtime: Runtime, actor: Actor, campaign_id: UUID, state: RecipientState | None
) -> AsyncIterator[bytes]:
    """Give the file in pieces; each page is read in a short transaction of its own."""
    after: UUID | None = None
    is_first = True
    while True:
        async with runtime.database.workspace(actor.workspace_id) as tx:
            rows = await service.list_recipients(tx, actor, campaign_id, limit=_PAGE, after=after, state=state)
        stream = io.BytesIO()
        writer = CsvWriter(stream, bom=is_first)
        if is_first:
            writer.write_row(COLUMNS)
        for row in rows:
            view = recipient_view(row)
            writer.write_row(["" if (value := getattr(view, name)) is None else str(value) for name in COLUMNS])
        yield stream.getvalue()
        if len(rows) < _PAGE:
            return
        after, is_first = rows[-1].contact_id, False
