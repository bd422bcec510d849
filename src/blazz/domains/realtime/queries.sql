-- get_head --
-- The position of the newest committed event, and of the oldest that is still kept.
SELECT COALESCE((SELECT last_position FROM event_positions WHERE workspace_id = $1), 0) AS newest,
       (SELECT min(position) FROM events WHERE workspace_id = $1) AS oldest

-- list_events --
-- One window of positions: filters never make a request walk further than $3.
SELECT position, id, type, version, payload::text AS payload, created_at
  FROM events
 WHERE workspace_id = $1 AND position > $2 AND position <= $3
   AND audience = 'workspace'
   AND (split_part(type, '.', 1) = ANY($4::text[]))
   AND ($5::text[] IS NULL OR type = ANY($5) OR split_part(type, '.', 1) = ANY($6::text[]))
 ORDER BY position
 LIMIT $7

-- recount_positions --
-- The newest position is that of the newest event, and no position between the oldest kept and the newest is missing.
SELECT COALESCE((SELECT last_position FROM event_positions WHERE workspace_id = $1), 0) AS stored_last,
       COALESCE(max(position), 0) AS counted_last, COALESCE(max(position) - min(position) + 1, 0) AS expected,
       count(*) AS kept
  FROM events WHERE workspace_id = $1
