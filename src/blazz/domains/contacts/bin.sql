-- list_bin --
-- Losers of a merge are not in the bin: they come back by undoing the merge.
SELECT c.id, c.name, c.phone, c.original_number, c.email, c.city, c.company, c.external_id, c.notes, c.attributes,
       c.category_id, c.opted_out_at, c.unreachable_at, c.last_message_at, c.last_inbound_at,
       c.last_message_preview, c.import_id, c.created_at, c.updated_at, c.deleted_at
  FROM contacts AS c
 WHERE c.workspace_id = $1 AND c.deleted_at IS NOT NULL AND c.purged_at IS NULL
   AND (c.deleted_at, c.id) < ($2, $3)
   AND NOT EXISTS (SELECT FROM contact_merges AS m
                    WHERE m.workspace_id = $1 AND m.loser_id = c.id AND m.undone_at IS NULL)
 ORDER BY c.deleted_at DESC, c.id DESC
 LIMIT $4

-- workspaces_with_expired --
-- Across workspaces, for the worker; the partial index holds the bin only.
SELECT DISTINCT workspace_id FROM contacts
 WHERE workspace_id > $1 AND deleted_at < $2 AND deleted_at IS NOT NULL AND purged_at IS NULL
 ORDER BY workspace_id
 LIMIT 100

-- lock_expired --
SELECT id, opted_out_at IS NOT NULL AS said_stop FROM contacts
 WHERE workspace_id = $1 AND deleted_at < $2 AND deleted_at IS NOT NULL AND purged_at IS NULL
 ORDER BY deleted_at
 LIMIT $3
   FOR UPDATE SKIP LOCKED

-- remove_contacts --
DELETE FROM contacts WHERE workspace_id = $1 AND id = ANY($2::uuid[])

-- empty_contacts --
-- $3 are those who said stop: their number stays, so that a later import does not write to them again.
UPDATE contacts
   SET name = '', email = NULL, city = NULL, company = NULL, external_id = NULL, notes = NULL, attributes = '{}',
       category_id = NULL, last_message_preview = NULL, import_id = NULL, original_number = NULL,
       phone = CASE WHEN id = ANY($3::uuid[]) THEN phone END, purged_at = $4, updated_at = now()
 WHERE workspace_id = $1 AND id = ANY($2::uuid[])

-- forget_identities --
DELETE FROM contact_identities
 WHERE workspace_id = $1 AND contact_id = ANY($2::uuid[])
   AND NOT (contact_id = ANY($3::uuid[]) AND kind IN ('phone', 'wa_id', 'bsuid'))

-- forget_memberships --
DELETE FROM contact_group_members WHERE workspace_id = $1 AND contact_id = ANY($2::uuid[])

-- forget_consents --
DELETE FROM consents
 WHERE workspace_id = $1 AND contact_id = ANY($2::uuid[]) AND NOT (contact_id = ANY($3::uuid[]))

-- forget_merges --
-- A merge record holds how the loser was; without the loser it cannot be undone.
DELETE FROM contact_merges WHERE workspace_id = $1 AND (loser_id = ANY($2::uuid[]) OR winner_id = ANY($2::uuid[]))

-- is_purged --
SELECT purged_at IS NOT NULL FROM contacts WHERE workspace_id = $1 AND id = $2

-- list_merges --
SELECT id, winner_id, loser_id, before -> 'loser' ->> 'name' AS loser_name, before -> 'loser' ->> 'phone' AS loser_phone,
       created_at, undone_at
  FROM contact_merges
 WHERE workspace_id = $1 AND winner_id = $2
 ORDER BY id DESC
 LIMIT 200

-- lock_merge --
SELECT id, winner_id, loser_id, before::text AS before, created_at, undone_at
  FROM contact_merges WHERE workspace_id = $1 AND id = $2 FOR UPDATE

-- mark_merge_undone --
UPDATE contact_merges SET undone_at = now() WHERE workspace_id = $1 AND id = $2

-- owners_of --
SELECT i.kind, i.scope, i.value, i.contact_id
  FROM unnest($2::text[], $3::text[], $4::text[]) AS key (kind, scope, value)
  JOIN contact_identities AS i
    ON i.workspace_id = $1 AND i.kind = key.kind AND i.scope = key.scope AND i.value = key.value

-- give_identities --
INSERT INTO contact_identities (workspace_id, kind, scope, value, contact_id)
SELECT $1, key.kind, key.scope, key.value, $5
  FROM unnest($2::text[], $3::text[], $4::text[]) AS key (kind, scope, value)
 ORDER BY key.kind, key.scope, key.value
ON CONFLICT (workspace_id, kind, scope, value) DO UPDATE SET contact_id = excluded.contact_id

-- give_consents --
UPDATE consents SET contact_id = $3 WHERE workspace_id = $1 AND id = ANY($2::uuid[])

-- withdrawn_since --
SELECT EXISTS (SELECT FROM consents WHERE workspace_id = $1 AND contact_id = $2 AND state = 'withdrawn'
                AND NOT (id = ANY($3::uuid[])) AND created_at >= $4)

-- leave_merged_groups --
-- The memberships that the merge itself made carry its instant.
DELETE FROM contact_group_members
 WHERE workspace_id = $1 AND contact_id = $2 AND group_id = ANY($3::uuid[]) AND added_at = $4
RETURNING group_id

-- join_groups_again --
INSERT INTO contact_group_members (workspace_id, group_id, contact_id)
SELECT $1, g.id, $2 FROM contact_groups AS g WHERE g.workspace_id = $1 AND g.id = ANY($3::uuid[])
ON CONFLICT (workspace_id, group_id, contact_id) DO NOTHING
RETURNING group_id

-- write_winner --
UPDATE contacts
   SET name = $3, phone = $4, original_number = $5, email = $6, city = $7, company = $8, external_id = $9, notes = $10,
       attributes = $11, opted_out_at = $12, updated_at = now()
 WHERE workspace_id = $1 AND id = $2

-- write_loser --
UPDATE contacts
   SET phone = $3, opted_out_at = $4,
       category_id = (SELECT k.id FROM categories AS k WHERE k.workspace_id = $1 AND k.id = $5),
       deleted_at = CASE WHEN $6::boolean THEN now() END, updated_at = now()
 WHERE workspace_id = $1 AND id = $2
RETURNING category_id
