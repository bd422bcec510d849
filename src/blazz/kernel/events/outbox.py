"""Writes events in the transaction that caused them."""

from collections.abc import Sequence
from typing import Any

import msgspec

from blazz.kernel.events.event import Event
from blazz.kernel.ids import new_uuid7

# The row of the workspace in event_positions is locked from here to COMMIT. Whoever commits later has the higher
# position, so a reader who has seen position n will never find anything new below n. Locked in the order of workspaces.
_INSERT = """
WITH given AS (
    SELECT row.workspace_id, row.id, row.type, row.version, row.audience, row.payload, row.place
      FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::smallint[], $5::text[], $6::jsonb[])
           WITH ORDINALITY AS row (workspace_id, id, type, version, audience, payload, place)
), counted AS (
    INSERT INTO event_positions AS known (workspace_id, last_position)
    SELECT workspace_id, count(*) FROM given GROUP BY workspace_id ORDER BY workspace_id
    ON CONFLICT (workspace_id) DO UPDATE SET last_position = known.last_position + excluded.last_position
    RETURNING workspace_id, last_position
)
INSERT INTO events (workspace_id, id, type, version, audience, payload, position, created_at)
SELECT given.workspace_id, given.id, given.type, given.version, given.audience, given.payload,
       counted.last_position + 1 - row_number() OVER (PARTITION BY given.workspace_id ORDER BY given.place DESC), now()
  FROM given JOIN counted ON counted.workspace_id = given.workspace_id
"""


async def write_events(connection: Any, events: Sequence[Event]) -> None:  # noqa: ANN401 - asyncpg has no public type
    """Insert events with ids and positions that rise in their order; call it last, because it holds up other writers."""
    await connection.execute(
        _INSERT,
        [event.workspace_id for event in events],
        [new_uuid7() for _ in events],
        [event.type for event in events],
        [event.version for event in events],
        [event.audience for event in events],
        [msgspec.json.encode(event.payload()).decode() for event in events],
    )
