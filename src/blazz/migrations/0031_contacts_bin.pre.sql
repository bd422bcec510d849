-- The bin of contacts, undone merges, and uploads that are removed when nobody can undo the import any more.

-- A purged contact is a shell: its conversations, or its wish to get no marketing, outlive what was known of the person.
ALTER TABLE contacts ADD COLUMN purged_at timestamptz;
CREATE INDEX contacts_bin_idx ON contacts (workspace_id, deleted_at DESC, id DESC)
    WHERE deleted_at IS NOT NULL AND purged_at IS NULL;

CREATE INDEX contact_merges_loser_idx ON contact_merges (workspace_id, loser_id);
CREATE INDEX contact_merges_winner_idx ON contact_merges (workspace_id, winner_id, id DESC);

ALTER TABLE contact_imports ADD COLUMN files_removed_at timestamptz;
