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
-- NULL leaves a column as it is; the reason always belongs to the newest status. $7 is the provider's time of the news:
-- a fact that was told later already stays. The last column tells whether anything changed.
WITH before AS (
    SELECT id, status, quality, category, rejection_reason,
           $3::text IS NOT NULL AND coalesce(status_at <= $7, true) AS new_status,
           $4::text IS NOT NULL AND coalesce(quality_at <= $7, true) AS new_quality,
           $5::text IS NOT NULL AND coalesce(category_at <= $7, true) AS new_category
      FROM templates WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL FOR UPDATE
)
UPDATE templates AS template
   SET status = CASE WHEN before.new_status THEN $3 ELSE template.status END,
       rejection_reason = CASE WHEN before.new_status THEN $6 ELSE template.rejection_reason END,
       quality = CASE WHEN before.new_quality THEN $4 ELSE template.quality END,
       category = CASE WHEN before.new_category THEN $5 ELSE template.category END,
       status_at = CASE WHEN before.new_status THEN coalesce($7, template.status_at) ELSE template.status_at END,
       quality_at = CASE WHEN before.new_quality THEN coalesce($7, template.quality_at) ELSE template.quality_at END,
       category_at = CASE WHEN before.new_category THEN coalesce($7, template.category_at) ELSE template.category_at END,
       updated_at = now()
  FROM before
 WHERE template.workspace_id = $1 AND template.id = before.id
   AND (before.new_status OR before.new_quality OR before.new_category)
RETURNING template.id, template.name, template.language, template.status, template.quality, template.category,
          (before.status, before.quality, before.category, before.rejection_reason) IS DISTINCT FROM
          (template.status, template.quality, template.category, template.rejection_reason) AS is_changed;

-- remove_told --
-- The provider deleted it, unless something newer was told about it, or another of the same name was made since.
UPDATE templates SET deleted_at = now(), status = 'DELETED', updated_at = now()
 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL AND coalesce(status_at <= $3, true)
   AND coalesce(provider_template_id = $4, true)
RETURNING id;
