-- Contact search by fragments, and what an import needs to find duplicates and to go on after a crash.

-- One row per live contact: its searchable text and the hashed 2- and 3-letter pieces of it. The hash holds the
-- workspace, so that one GIN index serves every workspace without mixing their postings.
CREATE TABLE contact_search (
    workspace_id bigint NOT NULL,
    contact_id   uuid NOT NULL,
    body         text NOT NULL,
    grams        integer[] NOT NULL,
    PRIMARY KEY (workspace_id, contact_id),
    FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_search_grams_idx ON contact_search USING gin (grams);

-- Under row policies "@>" may not use its index, because the operator is not leakproof. This function runs as the
-- owner, whom the policy below lets read, and takes the workspace from the setting that binds every transaction.
CREATE POLICY search ON contact_search FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION search_contact_ids(fragment text, wanted integer[], before uuid, most integer)
RETURNS TABLE (found_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_seqscan = off
AS $$
BEGIN
    -- "+ 0" keeps the planner from walking a whole workspace by the primary key.
    RETURN QUERY
    SELECT s.contact_id
      FROM public.contact_search AS s
     WHERE s.workspace_id + 0 = NULLIF(current_setting('app.workspace_id', true), '')::bigint
       AND s.grams @> wanted
       AND strpos(s.body, fragment) > 0
       AND s.contact_id < before
     ORDER BY s.contact_id DESC
     LIMIT LEAST(most, 1000);
END
$$;
REVOKE ALL ON FUNCTION search_contact_ids(text, integer[], uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_contact_ids(text, integer[], uuid, integer) TO blazz_app;

-- The numbers a dry run has seen, so that it counts duplicates within the file in bounded memory.
CREATE TABLE contact_import_keys (
    workspace_id bigint NOT NULL,
    import_id    uuid NOT NULL,
    phone        text NOT NULL,
    PRIMARY KEY (workspace_id, import_id, phone)
);

ALTER TABLE contact_imports ADD COLUMN checkpoint_offset bigint NOT NULL DEFAULT 0;
ALTER TABLE contact_imports ADD COLUMN rollback boolean NOT NULL DEFAULT false;
CREATE INDEX contact_import_rows_contact_idx ON contact_import_rows (workspace_id, import_id, contact_id)
    WHERE contact_id IS NOT NULL;
CREATE INDEX contact_imports_status_idx ON contact_imports (workspace_id, id DESC);
