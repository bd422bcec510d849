-- list_all_workspaces --
-- Reviewed exception: operators tell workspaces apart by the e-mails of their owners.
SELECT workspaces.id, public_id, workspaces.name, country, timezone, workspaces.locale, plan_id, subscription_status,
       workspaces.created_at,
       (SELECT coalesce(array_agg(users.email ORDER BY users.email), '{}')
          FROM members JOIN users ON users.id = members.user_id
         WHERE members.workspace_id = workspaces.id AND members.role = 'owner') AS owners
  FROM workspaces WHERE deleted_at IS NULL ORDER BY workspaces.id LIMIT 10000;
