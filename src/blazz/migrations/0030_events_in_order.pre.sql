-- Events are read by position: a number per workspace that rises in the order of commits and has no holes. It is taken
-- as the last act before COMMIT, from one row per workspace, so that no event can appear below one that was seen.
CREATE TABLE event_positions (
    workspace_id  bigint PRIMARY KEY,
    last_position bigint NOT NULL CHECK (last_position >= 0)
) WITH (fillfactor = 50);

ALTER TABLE events ADD COLUMN position bigint NOT NULL DEFAULT 0;

UPDATE events SET position = numbered.place
  FROM (SELECT workspace_id, id, row_number() OVER (PARTITION BY workspace_id ORDER BY id) AS place FROM events)
       AS numbered
 WHERE events.workspace_id = numbered.workspace_id AND events.id = numbered.id;

INSERT INTO event_positions SELECT workspace_id, max(position) FROM events GROUP BY workspace_id;

CREATE INDEX events_position_idx ON events (workspace_id, position);
