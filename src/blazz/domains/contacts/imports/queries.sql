-- insert_import --
INSERT INTO contact_imports (workspace_id, id, file_name, file_bytes, storage_key, status, options, file_format,
                             created_by, created_at)
VALUES ($1, $2, $3, $4, $5, 'uploaded', $6, $7, $8, $9)
RETURNING id, file_name, file_bytes, storage_key, status, dry_run, options, file_format, checkpoint, checkpoint_offset,
       rollback, counts, problem, created_by, created_at, started_at, finished_at, undo_until

-- get_import --
SELECT id, file_name, file_bytes, storage_key, status, dry_run, options, file_format, checkpoint, checkpoint_offset,
       rollback, counts, problem, created_by, created_at, started_at, finished_at, undo_until
  FROM contact_imports WHERE workspace_id = $1 AND id = $2

-- lock_import --
SELECT id, file_name, file_bytes, storage_key, status, dry_run, options, file_format, checkpoint, checkpoint_offset,
       rollback, counts, problem, created_by, created_at, started_at, finished_at, undo_until
  FROM contact_imports WHERE workspace_id = $1 AND id = $2 FOR UPDATE

-- list_imports --
SELECT id, file_name, file_bytes, storage_key, status, dry_run, options, file_format, checkpoint, checkpoint_offset,
       rollback, counts, problem, created_by, created_at, started_at, finished_at, undo_until
  FROM contact_imports WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3

-- begin --
UPDATE contact_imports
   SET status = $3, dry_run = $4, options = $5, checkpoint = 0, checkpoint_offset = 0, counts = '{}', problem = NULL,
       rollback = false, started_at = $6, finished_at = NULL, undo_until = NULL
 WHERE workspace_id = $1 AND id = $2
RETURNING id, file_name, file_bytes, storage_key, status, dry_run, options, file_format, checkpoint, checkpoint_offset,
       rollback, counts, problem, created_by, created_at, started_at, finished_at, undo_until

-- set_status --
UPDATE contact_imports SET status = $3, rollback = $4 WHERE workspace_id = $1 AND id = $2
RETURNING id, file_name, file_bytes, storage_key, status, dry_run, options, file_format, checkpoint, checkpoint_offset,
       rollback, counts, problem, created_by, created_at, started_at, finished_at, undo_until

-- save_progress --
UPDATE contact_imports SET checkpoint = $3, checkpoint_offset = $4, counts = $5, status = $6
 WHERE workspace_id = $1 AND id = $2

-- finish --
UPDATE contact_imports SET status = $3, finished_at = $4, undo_until = $5, problem = $6
 WHERE workspace_id = $1 AND id = $2
RETURNING id, file_name, file_bytes, storage_key, status, dry_run, options, file_format, checkpoint, checkpoint_offset,
       rollback, counts, problem, created_by, created_at, started_at, finished_at, undo_until

-- forget_rows --
DELETE FROM contact_import_rows WHERE workspace_id = $1 AND import_id = $2

-- forget_keys --
DELETE FROM contact_import_keys WHERE workspace_id = $1 AND import_id = $2

-- remember_keys --
INSERT INTO contact_import_keys (workspace_id, import_id, phone)
SELECT $1, $2, phone FROM unnest($3::text[]) AS phone
ON CONFLICT (workspace_id, import_id, phone) DO NOTHING
RETURNING phone

-- known_contacts --
-- The contacts that have these numbers; ``repeated`` is true when this import met the contact before. LIMIT 1 keeps the
-- planner on the keys: in a table that grows while its statistics are old it would scan everything for every chunk.
SELECT i.value AS matched, c.id, c.name, c.phone, c.original_number, c.email, c.city, c.company, c.external_id, c.notes, c.attributes,
       c.category_id, c.opted_out_at, c.unreachable_at, c.last_message_at, c.last_inbound_at,
       c.last_message_preview, c.import_id, c.created_at, c.updated_at, c.deleted_at,
       c.import_id IS NOT DISTINCT FROM $3::uuid
       OR EXISTS (SELECT FROM contact_import_rows AS r
                   WHERE r.workspace_id = $1 AND r.import_id = $3 AND r.contact_id = c.id) AS repeated
  FROM unnest($2::text[]) AS key (phone)
 CROSS JOIN LATERAL (SELECT value, contact_id FROM contact_identities
                      WHERE workspace_id = $1 AND kind = 'phone' AND scope = '' AND value = key.phone LIMIT 1) AS i
 CROSS JOIN LATERAL (SELECT id, name, phone, original_number, email, city, company, external_id, notes, attributes, category_id,
       opted_out_at, unreachable_at, last_message_at, last_inbound_at, last_message_preview, import_id,
       created_at, updated_at, deleted_at
  FROM contacts WHERE workspace_id = $1 AND id = i.contact_id LIMIT 1) AS c

-- insert_contacts --
-- No ON CONFLICT: when somebody else made one of these numbers meanwhile, the chunk runs again and meets that contact.
WITH made AS (
    INSERT INTO contacts (workspace_id, id, phone, original_number, name, email, city, company, external_id, notes,
                          attributes, category_id, import_id, created_by)
    SELECT $1, row.id, row.phone, row.original, row.name, row.email, row.city, row.company, row.external_id, row.notes,
           row.attributes, row.category_id, $13, $14
      FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                  $10::text[], $11::jsonb[], $12::uuid[])
           AS row (id, phone, original, name, email, city, company, external_id, notes, attributes, category_id)
)
INSERT INTO contact_identities (workspace_id, kind, value, contact_id)
SELECT $1, 'phone', row.phone, row.id FROM unnest($2::uuid[], $3::text[]) AS row (id, phone)

-- update_contacts --
UPDATE contacts AS c
   SET name = row.name, email = row.email, city = row.city, company = row.company, external_id = row.external_id,
       notes = row.notes, attributes = row.attributes, category_id = row.category_id, updated_at = now()
  FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::jsonb[],
              $10::uuid[])
       AS row (id, name, email, city, company, external_id, notes, attributes, category_id)
 WHERE c.workspace_id = $1 AND c.id = row.id

-- lock_contacts --
SELECT id, name, phone, original_number, email, city, company, external_id, notes, attributes, category_id,
       opted_out_at, unreachable_at, last_message_at, last_inbound_at, last_message_preview, import_id,
       created_at, updated_at, deleted_at
  FROM contacts WHERE workspace_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE

-- add_memberships --
INSERT INTO contact_group_members (workspace_id, group_id, contact_id)
SELECT $1, row.group_id, row.contact_id FROM unnest($2::uuid[], $3::uuid[]) AS row (group_id, contact_id)
ON CONFLICT (workspace_id, group_id, contact_id) DO NOTHING
RETURNING group_id, contact_id

-- remove_memberships --
DELETE FROM contact_group_members AS m
 USING unnest($2::uuid[], $3::uuid[]) AS row (group_id, contact_id), contacts AS c
 WHERE m.workspace_id = $1 AND m.group_id = row.group_id AND m.contact_id = row.contact_id
   AND c.workspace_id = $1 AND c.id = m.contact_id
RETURNING m.group_id, c.deleted_at IS NULL AS is_live

-- insert_rows --
INSERT INTO contact_import_rows (workspace_id, import_id, row_number, outcome, code, cells, contact_id, before)
SELECT $1, $2, row.row_number, row.outcome, row.code, row.cells, row.contact_id, row.before
  FROM unnest($3::bigint[], $4::text[], $5::text[], $6::jsonb[], $7::uuid[], $8::jsonb[])
       AS row (row_number, outcome, code, cells, contact_id, before)

-- list_rows --
SELECT row_number, outcome, code, cells FROM contact_import_rows
 WHERE workspace_id = $1 AND import_id = $2 AND row_number > $3 AND outcome = ANY($4::text[])
 ORDER BY row_number
 LIMIT $5

-- removable --
-- Made by the import and untouched since: no message, no edit, no opt-out, not in the bin.
SELECT id, category_id FROM contacts
 WHERE workspace_id = $1 AND import_id = $2 AND id > $3
   AND last_message_at IS NULL AND opted_out_at IS NULL AND deleted_at IS NULL AND updated_at = created_at
 ORDER BY id
 LIMIT $4
   FOR UPDATE

-- remove_contacts --
DELETE FROM contacts WHERE workspace_id = $1 AND id = ANY($2::uuid[])

-- undoable_rows --
SELECT row_number, contact_id, before FROM contact_import_rows
 WHERE workspace_id = $1 AND import_id = $2 AND contact_id IS NOT NULL AND before IS NOT NULL
 ORDER BY row_number
 LIMIT $3

-- mark_undone --
UPDATE contact_import_rows SET before = NULL
 WHERE workspace_id = $1 AND import_id = $2 AND row_number = ANY($3::bigint[])

-- unindexed --
SELECT c.id, c.name, c.email, c.phone FROM contacts AS c
 WHERE c.workspace_id = $1 AND c.import_id = $2 AND c.id > $3 AND c.deleted_at IS NULL
 ORDER BY c.id
 LIMIT $4

-- updated_people --
SELECT r.row_number, c.id, c.name, c.email, c.phone
  FROM contact_import_rows AS r
  JOIN contacts AS c ON c.workspace_id = $1 AND c.id = r.contact_id AND c.deleted_at IS NULL
 WHERE r.workspace_id = $1 AND r.import_id = $2 AND r.row_number > $3 AND r.outcome = 'updated'
 ORDER BY r.row_number
 LIMIT $4

-- expired_imports --
-- Across workspaces, for the worker: ended imports whose undo is over, and those that never ran and were left alone.
SELECT workspace_id, id, storage_key FROM contact_imports
 WHERE files_removed_at IS NULL
   AND status IN ('uploaded', 'checked', 'completed', 'cancelled', 'failed', 'undone')
   AND CASE WHEN undo_until IS NOT NULL THEN undo_until < $1
            ELSE GREATEST(created_at, started_at, finished_at) < $2 END
 ORDER BY workspace_id, id
 LIMIT $3

-- forget_some_rows --
DELETE FROM contact_import_rows
 WHERE workspace_id = $1 AND import_id = $2
   AND row_number = ANY(ARRAY(SELECT r.row_number FROM contact_import_rows AS r
                               WHERE r.workspace_id = $1 AND r.import_id = $2 LIMIT $3))
RETURNING row_number

-- mark_files_removed --
UPDATE contact_imports SET files_removed_at = $3 WHERE workspace_id = $1 AND id = $2

-- files_removed --
SELECT files_removed_at IS NOT NULL FROM contact_imports WHERE workspace_id = $1 AND id = $2

-- known_files --
-- Across workspaces, for the worker. The name of a file is its import's id.
SELECT storage_key FROM contact_imports WHERE storage_key = ANY($1::text[]) AND files_removed_at IS NULL
