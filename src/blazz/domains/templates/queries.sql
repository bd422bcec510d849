-- Templates of the workspace's accounts. Table: templates.

-- database_time --
SELECT clock_timestamp();

-- list_templates --
-- One page in the order of names; $2 to $6 filter, $7 to $9 are the last row of the page before.
SELECT id, account_id, provider_template_id, name, language, category, status, quality, rejection_reason,
       parameter_format, components, synced_at, created_at, updated_at
  FROM templates
 WHERE workspace_id = $1 AND deleted_at IS NULL
   AND ($2::uuid IS NULL OR account_id = $2)
   AND ($3::text IS NULL OR status = $3)
   AND ($4::text IS NULL OR category = $4)
   AND ($5::text IS NULL OR language = $5)
   AND ($6::text IS NULL OR strpos(name, $6) > 0)
   AND ($7::text IS NULL OR (name, language, id) > ($7, $8::text, $9::uuid))
 ORDER BY name, language, id
 LIMIT $10;

-- get_template --
SELECT id, account_id, provider_template_id, name, language, category, status, quality, rejection_reason,
       parameter_format, components, synced_at, created_at, updated_at
  FROM templates
 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL;

-- find_by_name --
SELECT id FROM templates
 WHERE workspace_id = $1 AND account_id = $2 AND name = $3 AND language = $4 AND deleted_at IS NULL;

-- upsert_templates --
-- Rows that are as the provider says already are only stamped; the last column tells which really changed.
-- A template that was deleted and made again comes back under its old id.
WITH given AS (
    SELECT * FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                         $10::text[], $11::text[], $12::jsonb[])
        AS row (id, provider_template_id, name, language, category, status, quality, rejection_reason,
                parameter_format, components)
), before AS (
    SELECT templates.name, templates.language, templates.provider_template_id, templates.category, templates.status,
           templates.quality, templates.rejection_reason, templates.parameter_format, templates.components
      FROM templates
      JOIN given ON given.name = templates.name AND given.language = templates.language
     WHERE templates.workspace_id = $1 AND templates.account_id = $2 AND templates.deleted_at IS NULL
), written AS (
    INSERT INTO templates AS kept (workspace_id, id, account_id, provider_template_id, name, language, category, status,
                           quality, rejection_reason, parameter_format, components, synced_at)
    SELECT $1, id, $2, provider_template_id, name, language, category, status, quality, rejection_reason,
           parameter_format, components, clock_timestamp()
      FROM given
    ON CONFLICT (workspace_id, account_id, name, language) DO UPDATE
       SET provider_template_id = excluded.provider_template_id, category = excluded.category,
           status = excluded.status, quality = excluded.quality, rejection_reason = excluded.rejection_reason,
           parameter_format = excluded.parameter_format, components = excluded.components,
           synced_at = excluded.synced_at, updated_at = now(), deleted_at = NULL
    RETURNING kept.id, kept.name, kept.language, kept.provider_template_id, kept.category, kept.status, kept.quality,
              kept.rejection_reason, kept.parameter_format, kept.components
)
SELECT written.id, written.name, written.language, written.status, written.quality, written.category
  FROM written
  LEFT JOIN before ON before.name = written.name AND before.language = written.language
 WHERE before.name IS NULL
    OR (before.provider_template_id, before.category, before.status, before.quality, before.rejection_reason,
        before.parameter_format, before.components)
       IS DISTINCT FROM
       (written.provider_template_id, written.category, written.status, written.quality, written.rejection_reason,
        written.parameter_format, written.components);

-- remove_unseen --
-- What the provider did not list is gone, unless it was made here after the reading began.
UPDATE templates SET deleted_at = now(), status = 'DELETED', updated_at = now()
 WHERE workspace_id = $1 AND account_id = $2 AND deleted_at IS NULL
   AND coalesce(synced_at, created_at) < $3
RETURNING id;

-- remove_template --
UPDATE templates SET deleted_at = now(), status = 'DELETED', updated_at = now()
 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL
RETURNING id;

-- find_changed --
-- The provider's id is surest; a template made here and not yet read back is found by name.
SELECT id FROM templates
 WHERE workspace_id = $1 AND account_id = $2 AND deleted_at IS NULL
   AND (provider_template_id = $3 OR (name = $4 AND language = $5))
 ORDER BY (provider_template_id = $3) DESC NULLS LAST
 LIMIT 1;

-- apply_change --
-- NULL leaves a column as it is; the reason always belongs to the newest status.
UPDATE templates
   SET status = coalesce($3, status), quality = coalesce($4, quality), category = coalesce($5, category),
       rejection_reason = CASE WHEN $3::text IS NULL THEN rejection_reason ELSE $6 END, updated_at = now()
 WHERE workspace_id = $1 AND id = $2
   AND (coalesce($3, status), coalesce($4, quality), coalesce($5, category),
        CASE WHEN $3::text IS NULL THEN rejection_reason ELSE $6 END)
       IS DISTINCT FROM (status, quality, category, rejection_reason)
RETURNING id, name, language, status, quality, category;
