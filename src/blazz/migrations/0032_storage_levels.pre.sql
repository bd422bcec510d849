-- What each worker last found about the room left for data, and why a campaign waits although it runs.
CREATE TABLE storage_levels (
    host           text PRIMARY KEY,
    level          smallint NOT NULL CHECK (level BETWEEN 0 AND 2),
    free_bytes     bigint NOT NULL,
    total_bytes    bigint NOT NULL,
    database_bytes bigint,
    changed_at     timestamptz NOT NULL DEFAULT now(),
    checked_at     timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

ALTER TABLE campaigns ADD COLUMN held_reason text;
