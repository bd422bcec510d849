-- Webhooks name their account in the path; the account's workspace is found through its numbers.
CREATE INDEX number_routes_account_id_idx ON number_routes (account_id);

-- A held number sends nothing until an instant, for a reason people can read.
ALTER TABLE numbers
    ADD COLUMN held_until timestamptz,
    ADD COLUMN held_reason text;
CREATE UNIQUE INDEX numbers_default_key ON numbers (workspace_id) WHERE is_default AND deleted_at IS NULL;
