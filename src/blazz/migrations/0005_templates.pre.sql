-- Lists of templates are read in the order of names.
CREATE INDEX templates_list_idx ON templates (workspace_id, name, language, id) WHERE deleted_at IS NULL;
