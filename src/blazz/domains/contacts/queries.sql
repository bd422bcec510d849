-- insert_contact --
INSERT INTO contacts (workspace_id, id, name, phone, original_number, email, city, company, external_id, notes,
                      attributes, category_id, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
RETURNING id, name, phone, original_number, email, city, company, external_id, notes, attributes, category_id,
       opted_out_at, unreachable_at, last_message_at, last_inbound_at, last_message_preview, import_id,
       created_at, updated_at, deleted_at

-- insert_identities --
INSERT INTO contact_identities (workspace_id, kind, value, contact_id)
SELECT $1, row.kind, row.value, row.contact_id
  FROM unnest($2::text[], $3::text[], $4::uuid[]) AS row (kind, value, contact_id)
 ORDER BY row.kind, row.value

-- delete_phone_identities --
DELETE FROM contact_identities
 WHERE workspace_id = $1 AND contact_id = $2 AND kind IN ('phone', 'wa_id')

-- get_contact --
SELECT id, name, phone, original_number, email, city, company, external_id, notes, attributes, category_id,
       opted_out_at, unreachable_at, last_message_at, last_inbound_at, last_message_preview, import_id,
       created_at, updated_at, deleted_at
  FROM contacts WHERE workspace_id = $1 AND id = $2

-- lock_contact --
SELECT id, name, phone, original_number, email, city, company, external_id, notes, attributes, category_id,
       opted_out_at, unreachable_at, last_message_at, last_inbound_at, last_message_preview, import_id,
       created_at, updated_at, deleted_at
  FROM contacts WHERE workspace_id = $1 AND id = $2 FOR UPDATE

-- contact_identities --
SELECT kind, scope, value FROM contact_identities
 WHERE workspace_id = $1 AND contact_id = $2
 ORDER BY kind, scope, value

-- find_by_phone --
SELECT c.id, c.name, c.phone, c.original_number, c.email, c.city, c.company, c.external_id, c.notes, c.attributes,
       c.category_id, c.opted_out_at, c.unreachable_at, c.last_message_at, c.last_inbound_at,
       c.last_message_preview, c.import_id, c.created_at, c.updated_at, c.deleted_at
  FROM contact_identities AS i
  JOIN contacts AS c ON c.workspace_id = i.workspace_id AND c.id = i.contact_id
 WHERE i.workspace_id = $1 AND c.workspace_id = $1 AND i.kind = 'phone' AND i.scope = '' AND i.value = $2

-- update_contact --
UPDATE contacts
   SET name = $3, phone = $4, original_number = $5, email = $6, city = $7, company = $8, external_id = $9,
       notes = $10, attributes = $11, category_id = $12, deleted_at = NULL, deleted_by = NULL, purged_at = NULL,
       updated_at = now()
 WHERE workspace_id = $1 AND id = $2
RETURNING id, name, phone, original_number, email, city, company, external_id, notes, attributes, category_id,
       opted_out_at, unreachable_at, last_message_at, last_inbound_at, last_message_preview, import_id,
       created_at, updated_at, deleted_at

-- mark_deleted --
UPDATE contacts SET deleted_at = now(), deleted_by = $3, updated_at = now()
 WHERE workspace_id = $1 AND id = ANY($2::uuid[]) AND deleted_at IS NULL
RETURNING id, category_id

-- mark_restored --
UPDATE contacts SET deleted_at = NULL, deleted_by = NULL, purged_at = NULL, updated_at = now()
 WHERE workspace_id = $1 AND id = ANY($2::uuid[]) AND deleted_at IS NOT NULL
RETURNING id, category_id

-- count_categories --
-- Adds the deltas of a change to the category counts, in id order so that two changes never deadlock.
WITH delta AS (
    SELECT row.id, row.amount FROM unnest($2::uuid[], $3::bigint[]) AS row (id, amount)
), locked AS (
    SELECT c.id FROM categories AS c WHERE c.workspace_id = $1 AND c.id = ANY($2::uuid[]) ORDER BY c.id FOR UPDATE
)
UPDATE categories AS c SET contact_count = c.contact_count + delta.amount
  FROM delta JOIN locked ON locked.id = delta.id
 WHERE c.workspace_id = $1 AND c.id = delta.id

-- count_groups --
WITH delta AS (
    SELECT row.id, row.amount FROM unnest($2::uuid[], $3::bigint[]) AS row (id, amount)
), locked AS (
    SELECT g.id FROM contact_groups AS g WHERE g.workspace_id = $1 AND g.id = ANY($2::uuid[]) ORDER BY g.id FOR UPDATE
)
UPDATE contact_groups AS g SET contact_count = g.contact_count + delta.amount
  FROM delta JOIN locked ON locked.id = delta.id
 WHERE g.workspace_id = $1 AND g.id = delta.id

-- memberships_of --
SELECT group_id, count(*) AS amount FROM contact_group_members
 WHERE workspace_id = $1 AND contact_id = ANY($2::uuid[])
 GROUP BY group_id

-- list_contacts --
SELECT id, name, phone, original_number, email, city, company, external_id, notes, attributes, category_id,
       opted_out_at, unreachable_at, last_message_at, last_inbound_at, last_message_preview, import_id,
       created_at, updated_at, deleted_at
  FROM contacts
 WHERE workspace_id = $1 AND deleted_at IS NULL AND id < $2
   AND ($4::uuid IS NULL OR category_id = $4)
   AND (NOT $5::boolean OR category_id IS NULL)
   AND ($6::boolean IS NULL OR (opted_out_at IS NOT NULL) = $6)
 ORDER BY id DESC
 LIMIT $3

-- list_group_contacts --
SELECT c.id, c.name, c.phone, c.original_number, c.email, c.city, c.company, c.external_id, c.notes, c.attributes,
       c.category_id, c.opted_out_at, c.unreachable_at, c.last_message_at, c.last_inbound_at,
       c.last_message_preview, c.import_id, c.created_at, c.updated_at, c.deleted_at
  FROM contact_group_members AS m
  JOIN contacts AS c ON c.workspace_id = m.workspace_id AND c.id = m.contact_id
 WHERE m.workspace_id = $1 AND c.workspace_id = $1 AND m.group_id = $7 AND m.contact_id < $2
   AND c.deleted_at IS NULL
   AND ($4::uuid IS NULL OR c.category_id = $4)
   AND (NOT $5::boolean OR c.category_id IS NULL)
   AND ($6::boolean IS NULL OR (c.opted_out_at IS NOT NULL) = $6)
 ORDER BY m.contact_id DESC
 LIMIT $3

-- contacts_by_ids --
SELECT c.id, c.name, c.phone, c.original_number, c.email, c.city, c.company, c.external_id, c.notes, c.attributes,
       c.category_id, c.opted_out_at, c.unreachable_at, c.last_message_at, c.last_inbound_at,
       c.last_message_preview, c.import_id, c.created_at, c.updated_at, c.deleted_at FROM contacts AS c
 WHERE c.workspace_id = $1 AND c.id = ANY($2::uuid[])
 ORDER BY c.id DESC

-- contacts_matching --
SELECT c.id, c.name, c.phone, c.original_number, c.email, c.city, c.company, c.external_id, c.notes, c.attributes,
       c.category_id, c.opted_out_at, c.unreachable_at, c.last_message_at, c.last_inbound_at,
       c.last_message_preview, c.import_id, c.created_at, c.updated_at, c.deleted_at FROM contacts AS c
 WHERE c.workspace_id = $1 AND c.id = ANY($2::uuid[]) AND c.deleted_at IS NULL
   AND ($3::uuid IS NULL OR c.category_id = $3)
   AND (NOT $4::boolean OR c.category_id IS NULL)
   AND ($5::boolean IS NULL OR (c.opted_out_at IS NOT NULL) = $5)
   AND ($6::uuid IS NULL OR EXISTS (SELECT FROM contact_group_members AS m
         WHERE m.workspace_id = $1 AND m.group_id = $6 AND m.contact_id = c.id))
 ORDER BY c.id DESC

-- search_ids --
SELECT DISTINCT found.found_id
  FROM unnest($2::text[], $3::text[]) AS form (fragment, grams),
       LATERAL search_contact_ids(form.fragment, form.grams::integer[], $4, $5) AS found
 WHERE $1::bigint IS NOT NULL
 ORDER BY found.found_id DESC
 LIMIT $5

-- put_search --
INSERT INTO contact_search (workspace_id, contact_id, body, grams)
SELECT $1, row.id, row.body, row.grams::integer[]
  FROM unnest($2::uuid[], $3::text[], $4::text[]) AS row (id, body, grams)
 ORDER BY row.id
ON CONFLICT (workspace_id, contact_id) DO UPDATE SET body = excluded.body, grams = excluded.grams

-- drop_search --
DELETE FROM contact_search WHERE workspace_id = $1 AND contact_id = ANY($2::uuid[])

-- insert_consents --
INSERT INTO consents (workspace_id, id, contact_id, purpose, state, source, detail, recorded_by, occurred_at)
SELECT $1, row.id, row.contact_id, $4, $5, $6, $7, $8, $9
  FROM unnest($2::uuid[], $3::uuid[]) AS row (id, contact_id)

-- consent_exists --
SELECT EXISTS (SELECT 1 FROM consents WHERE workspace_id = $1 AND contact_id = $2 AND state = $3 AND source = $4
                  AND occurred_at = $5)

-- granted_since --
-- Only what the person told the provider later outweighs a stop; when in doubt, a stop counts.
SELECT EXISTS (SELECT 1 FROM consents WHERE workspace_id = $1 AND contact_id = $2 AND purpose = 'marketing'
                  AND state = 'granted' AND occurred_at > $3)

-- withdrawn_since --
SELECT EXISTS (SELECT 1 FROM consents WHERE workspace_id = $1 AND contact_id = $2 AND purpose = 'marketing'
                  AND state = 'withdrawn' AND coalesce(occurred_at, created_at) > $3)

-- set_opted_out --
UPDATE contacts SET opted_out_at = now(), updated_at = now()
 WHERE workspace_id = $1 AND id = $2 AND opted_out_at IS NULL
RETURNING id

-- clear_opted_out --
UPDATE contacts SET opted_out_at = NULL, updated_at = now()
 WHERE workspace_id = $1 AND id = $2 AND opted_out_at IS NOT NULL
RETURNING id

-- list_consents --
SELECT id, purpose, state, source, detail, created_at FROM consents
 WHERE workspace_id = $1 AND contact_id = $2
 ORDER BY id DESC
 LIMIT 200

-- attribute_names --
SELECT DISTINCT key
  FROM (SELECT attributes FROM contacts WHERE workspace_id = $1 AND deleted_at IS NULL
         ORDER BY id DESC LIMIT 1000) AS recent,
       LATERAL jsonb_object_keys(recent.attributes) AS key
 ORDER BY key
 LIMIT 200

-- touch_contacts --
-- Only forward: a late webhook never moves a contact down. Rows are locked in id order.
WITH row AS (
    SELECT touch.id, touch.at, touch.inbound_at, touch.preview
      FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[])
        AS touch (id, at, inbound_at, preview)
), locked AS (
    SELECT c.id FROM contacts AS c WHERE c.workspace_id = $1 AND c.id = ANY($2::uuid[]) ORDER BY c.id FOR UPDATE
)
UPDATE contacts AS c
   SET last_message_preview = CASE WHEN row.at >= COALESCE(c.last_message_at, '-infinity') THEN row.preview
                                   ELSE c.last_message_preview END,
       last_message_at = GREATEST(c.last_message_at, row.at),
       last_inbound_at = GREATEST(c.last_inbound_at, row.inbound_at)
  FROM row JOIN locked ON locked.id = row.id
 WHERE c.workspace_id = $1 AND c.id = row.id

-- find_identities --
SELECT i.kind, i.scope, i.value, i.contact_id, c.deleted_at IS NOT NULL AS is_deleted
  FROM unnest($2::text[], $3::text[]) AS key (kind, value)
  JOIN contact_identities AS i
    ON i.workspace_id = $1 AND i.kind = key.kind AND i.scope = '' AND i.value = key.value
  JOIN contacts AS c ON c.workspace_id = $1 AND c.id = i.contact_id

-- insert_people --
-- Contacts and their identities in one statement, so that a savepoint undoes both when somebody else was first.
WITH made AS (
    INSERT INTO contacts (workspace_id, id, name, phone, original_number)
    SELECT $1, row.id, row.name, row.phone, row.phone
      FROM unnest($2::uuid[], $3::text[], $4::text[]) AS row (id, name, phone)
)
INSERT INTO contact_identities (workspace_id, kind, value, contact_id)
SELECT $1, key.kind, key.value, key.contact_id
  FROM unnest($5::text[], $6::text[], $7::uuid[]) AS key (kind, value, contact_id)
 ORDER BY key.kind, key.value

-- claim_usernames --
-- A username moves to whoever has it now; people give them up and others take them.
INSERT INTO contact_identities (workspace_id, kind, value, contact_id)
SELECT $1, 'username', row.value, row.contact_id
  FROM unnest($2::text[], $3::uuid[]) AS row (value, contact_id)
 ORDER BY row.value
ON CONFLICT (workspace_id, kind, scope, value) DO UPDATE SET contact_id = excluded.contact_id
      WHERE contact_identities.contact_id <> excluded.contact_id

-- fill_person --
-- A name from a profile and a number from a message only fill blanks.
UPDATE contacts AS c
   SET name = CASE WHEN c.name = '' THEN row.name ELSE c.name END,
       phone = COALESCE(c.phone, row.phone), original_number = COALESCE(c.original_number, row.phone),
       updated_at = now()
  FROM unnest($2::uuid[], $3::text[], $4::text[]) AS row (id, name, phone)
 WHERE c.workspace_id = $1 AND c.id = row.id
   AND ((c.name = '' AND row.name <> '') OR (c.phone IS NULL AND row.phone IS NOT NULL))
RETURNING c.id

-- owner_of --
SELECT contact_id FROM contact_identities
 WHERE workspace_id = $1 AND kind = ANY ($2::text[]) AND scope = '' AND value = ANY ($3::text[])
 LIMIT 1

-- set_phone --
UPDATE contacts SET phone = $3, original_number = $3, unreachable_at = NULL, updated_at = now()
 WHERE workspace_id = $1 AND id = $2

-- move_identities --
UPDATE contact_identities SET contact_id = $3 WHERE workspace_id = $1 AND contact_id = $2

-- move_consents --
UPDATE consents SET contact_id = $3 WHERE workspace_id = $1 AND contact_id = $2

-- move_memberships --
WITH gone AS (
    DELETE FROM contact_group_members WHERE workspace_id = $1 AND contact_id = $2 RETURNING group_id
), kept AS (
    INSERT INTO contact_group_members (workspace_id, group_id, contact_id)
    SELECT $1, gone.group_id, $3 FROM gone
    ON CONFLICT (workspace_id, group_id, contact_id) DO NOTHING
    RETURNING group_id
)
SELECT gone.group_id, (kept.group_id IS NOT NULL) AS moved
  FROM gone LEFT JOIN kept ON kept.group_id = gone.group_id

-- absorb_contact --
-- The winner keeps what it has; blanks come from the loser, and an opt-out of either stays.
UPDATE contacts AS w
   SET name = CASE WHEN w.name = '' THEN l.name ELSE w.name END,
       phone = COALESCE(w.phone, l.phone), original_number = COALESCE(w.original_number, l.original_number),
       email = COALESCE(w.email, l.email), city = COALESCE(w.city, l.city), company = COALESCE(w.company, l.company),
       external_id = COALESCE(w.external_id, l.external_id), notes = COALESCE(w.notes, l.notes),
       attributes = l.attributes || w.attributes,
       opted_out_at = LEAST(w.opted_out_at, l.opted_out_at),
       last_message_preview = CASE WHEN l.last_message_at > COALESCE(w.last_message_at, '-infinity')
                                   THEN l.last_message_preview ELSE w.last_message_preview END,
       last_message_at = GREATEST(w.last_message_at, l.last_message_at),
       last_inbound_at = GREATEST(w.last_inbound_at, l.last_inbound_at),
       updated_at = now()
  FROM contacts AS l
 WHERE w.workspace_id = $1 AND w.id = $3 AND l.workspace_id = $1 AND l.id = $2

-- insert_merge --
INSERT INTO contact_merges (workspace_id, id, winner_id, loser_id, before, merged_by)
SELECT $1, $2, $3, $4, jsonb_build_object('winner', to_jsonb(w), 'loser', to_jsonb(l), 'identities',
         COALESCE((SELECT jsonb_agg(jsonb_build_object('kind', i.kind, 'scope', i.scope, 'value', i.value))
                     FROM contact_identities AS i WHERE i.workspace_id = $1 AND i.contact_id = $4), '[]'),
         'groups', COALESCE((SELECT jsonb_agg(m.group_id) FROM contact_group_members AS m
                              WHERE m.workspace_id = $1 AND m.contact_id = $4), '[]'),
         'consents', COALESCE((SELECT jsonb_agg(s.id) FROM consents AS s
                                WHERE s.workspace_id = $1 AND s.contact_id = $4), '[]')), $5
  FROM contacts AS w JOIN contacts AS l ON l.workspace_id = $1 AND l.id = $4
 WHERE w.workspace_id = $1 AND w.id = $3

-- empty_loser --
UPDATE contacts SET deleted_at = now(), phone = NULL, category_id = NULL, updated_at = now()
 WHERE workspace_id = $1 AND id = $2


-- was_merged --
SELECT true FROM contact_merges WHERE workspace_id = $1 AND loser_id = $2 AND undone_at IS NULL LIMIT 1

-- count_up_to --
-- Contacts outside the bin, counted no further than the plan's bound.
SELECT count(*) FROM (SELECT 1 FROM contacts WHERE workspace_id = $1 AND deleted_at IS NULL LIMIT $2) AS present
