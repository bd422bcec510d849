-- insert_category --
INSERT INTO categories (workspace_id, id, name, description) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, lower(name)) DO NOTHING
RETURNING id, name, description, contact_count, created_at, updated_at

-- insert_group --
INSERT INTO contact_groups (workspace_id, id, name, description) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, lower(name)) DO NOTHING
RETURNING id, name, description, contact_count, created_at, updated_at

-- ensure_categories --
INSERT INTO categories (workspace_id, id, name)
SELECT $1, row.id, row.name FROM unnest($2::uuid[], $3::text[]) AS row (id, name) ORDER BY lower(row.name)
ON CONFLICT (workspace_id, lower(name)) DO NOTHING

-- ensure_groups --
INSERT INTO contact_groups (workspace_id, id, name)
SELECT $1, row.id, row.name FROM unnest($2::uuid[], $3::text[]) AS row (id, name) ORDER BY lower(row.name)
ON CONFLICT (workspace_id, lower(name)) DO NOTHING

-- categories_by_name --
SELECT id, name FROM categories WHERE workspace_id = $1 AND lower(name) = ANY(SELECT lower(n) FROM unnest($2::text[]) AS n)

-- groups_by_name --
SELECT id, name FROM contact_groups
 WHERE workspace_id = $1 AND lower(name) = ANY(SELECT lower(n) FROM unnest($2::text[]) AS n)

-- get_category --
SELECT id, name, description, contact_count, created_at, updated_at
  FROM categories WHERE workspace_id = $1 AND id = $2

-- lock_category --
SELECT id, name, description, contact_count, created_at, updated_at
  FROM categories WHERE workspace_id = $1 AND id = $2 FOR UPDATE

-- get_group --
SELECT id, name, description, contact_count, created_at, updated_at
  FROM contact_groups WHERE workspace_id = $1 AND id = $2

-- lock_group --
SELECT id, name, description, contact_count, created_at, updated_at
  FROM contact_groups WHERE workspace_id = $1 AND id = $2 FOR UPDATE

-- list_categories --
SELECT id, name, description, contact_count, created_at, updated_at
  FROM categories WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3

-- list_groups --
SELECT id, name, description, contact_count, created_at, updated_at
  FROM contact_groups WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3

-- category_statistics --
SELECT id, name, description, contact_count, created_at, updated_at
  FROM categories WHERE workspace_id = $1 ORDER BY contact_count DESC, lower(name) LIMIT 1000

-- update_category --
UPDATE categories SET name = $3, description = $4, updated_at = now() WHERE workspace_id = $1 AND id = $2
RETURNING id, name, description, contact_count, created_at, updated_at

-- update_group --
UPDATE contact_groups SET name = $3, description = $4, updated_at = now() WHERE workspace_id = $1 AND id = $2
RETURNING id, name, description, contact_count, created_at, updated_at

-- name_of_other_category --
SELECT id FROM categories WHERE workspace_id = $1 AND lower(name) = lower($3) AND id <> $2

-- name_of_other_group --
SELECT id FROM contact_groups WHERE workspace_id = $1 AND lower(name) = lower($3) AND id <> $2

-- move_category --
-- Contacts in the bin move too, because the key to the category must hold for them as well.
WITH moved AS (
    UPDATE contacts SET category_id = $3, updated_at = now()
     WHERE workspace_id = $1 AND category_id = $2
    RETURNING deleted_at
)
SELECT count(*) FILTER (WHERE deleted_at IS NULL) FROM moved

-- delete_category --
DELETE FROM categories WHERE workspace_id = $1 AND id = $2

-- delete_group --
DELETE FROM contact_groups WHERE workspace_id = $1 AND id = $2

-- add_members --
WITH added AS (
    INSERT INTO contact_group_members (workspace_id, group_id, contact_id)
    SELECT $1, $2, c.id FROM contacts AS c
     WHERE c.workspace_id = $1 AND c.id = ANY($3::uuid[]) AND c.deleted_at IS NULL
     ORDER BY c.id
    ON CONFLICT (workspace_id, group_id, contact_id) DO NOTHING
    RETURNING contact_id
)
UPDATE contact_groups SET contact_count = contact_count + (SELECT count(*) FROM added)
 WHERE workspace_id = $1 AND id = $2
RETURNING (SELECT count(*) FROM added)

-- remove_members --
WITH gone AS (
    DELETE FROM contact_group_members WHERE workspace_id = $1 AND group_id = $2 AND contact_id = ANY($3::uuid[])
    RETURNING contact_id
), live AS (
    SELECT count(*) AS amount FROM gone JOIN contacts AS c ON c.workspace_id = $1 AND c.id = gone.contact_id
     WHERE c.deleted_at IS NULL
)
UPDATE contact_groups SET contact_count = contact_count - (SELECT amount FROM live)
 WHERE workspace_id = $1 AND id = $2
RETURNING (SELECT amount FROM live)

-- recount_categories --
SELECT k.id, k.contact_count, COALESCE(live.counted, 0) AS counted
  FROM categories AS k
  LEFT JOIN (SELECT category_id, count(*) AS counted FROM contacts
              WHERE workspace_id = $1 AND deleted_at IS NULL AND category_id IS NOT NULL
              GROUP BY category_id) AS live ON live.category_id = k.id
 WHERE k.workspace_id = $1
 ORDER BY k.id

-- recount_groups --
SELECT g.id, g.contact_count, COALESCE(live.counted, 0) AS counted
  FROM contact_groups AS g
  LEFT JOIN (SELECT m.group_id, count(*) AS counted
               FROM contact_group_members AS m
               JOIN contacts AS c ON c.workspace_id = $1 AND c.id = m.contact_id AND c.deleted_at IS NULL
              WHERE m.workspace_id = $1
              GROUP BY m.group_id) AS live ON live.group_id = g.id
 WHERE g.workspace_id = $1
 ORDER BY g.id
