-- insert_entry --
INSERT INTO audit_logs (workspace_id, id, action, actor_kind, actor_id, target, before, after)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- list_entries --
SELECT id, action, actor_kind, actor_id, target, before::text AS before, after::text AS after, created_at
  FROM audit_logs
 WHERE workspace_id = $1 AND ($2::uuid IS NULL OR id < $2)
 ORDER BY id DESC
 LIMIT $3;
