-- Partial so that only statements about a person can use it. While a fresh partition has no statistics, the planner
-- takes it for tiny, and would read this whole index to find messages by their ids.
DROP INDEX messages_contact_idx;
CREATE INDEX messages_contact_idx ON messages (workspace_id, contact_id, id) WHERE contact_id IS NOT NULL;
