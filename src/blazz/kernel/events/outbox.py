"""Writes events in the transaction that caused them."""

from collections.abc import Sequence
from typing import Any

import msgspec

from blazz.kernel.events.event import Event
from blazz.kernel.ids import new_uuid7

_INSERT = """
INSERT INTO events (workspace_id, id, type, version, audience, payload, created_at)
SELECT row.workspace_id, row.id, row.type, row.version, row.audience, row.payload, now()
  FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::smallint[], $5::text[], $6::jsonb[])
       AS row (workspace_id, id, type, version, audience, payload)
"""


async def write_events(connection: Any, events: Sequence[Event]) -> None:  # noqa: ANN401 - asyncpg has no public type
    """Insert events with ids that rise in their order."""
    await connection.execute(
        _INSERT,
        [event.workspace_id for event in events],
        [new_uuid7() for _ in events],
        [event.type for event in events],
        [event.version for event in events],
        [event.audience for event in events],
        [msgspec.json.encode(event.payload()).decode() for event in events],
    )
