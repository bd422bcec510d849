-- insert_workspace --
INSERT INTO workspaces (public_id, name, country, timezone, locale, plan_id) VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id;

-- get_workspace --
SELECT id, public_id, name, country, timezone, locale, plan_id, subscription_status, created_at
  FROM workspaces WHERE id = $1 AND deleted_at IS NULL;

-- workspace_ids --
-- Across workspaces, for the system.
SELECT id FROM workspaces WHERE deleted_at IS NULL ORDER BY id;

-- update_workspace --
UPDATE workspaces SET name = coalesce($2, name), country = coalesce($3, country), timezone = coalesce($4, timezone),
       locale = coalesce($5, locale), updated_at = now()
 WHERE id = $1 AND deleted_at IS NULL;

-- user_workspaces --
SELECT workspaces.id, public_id, workspaces.name, country, timezone, workspaces.locale, plan_id, subscription_status,
       workspaces.created_at, members.role
  FROM members JOIN workspaces ON workspaces.id = members.workspace_id
 WHERE members.user_id = $1 AND workspaces.deleted_at IS NULL
 ORDER BY workspaces.name, workspaces.id;

-- membership --
SELECT members.workspace_id, members.role
  FROM workspaces JOIN members ON members.workspace_id = workspaces.id AND members.user_id = $2
 WHERE workspaces.public_id = $1 AND workspaces.deleted_at IS NULL;

-- list_members --
-- Reviewed exception: members are shown by the names of their users.
SELECT members.user_id, users.name, users.email, members.role, members.created_at
  FROM members JOIN users ON users.id = members.user_id
 WHERE members.workspace_id = $1
 ORDER BY users.name, members.user_id;

-- insert_member --
INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, $3)
ON CONFLICT (workspace_id, user_id) DO NOTHING RETURNING user_id;

-- lock_members --
-- Lock the owners, so that two removals cannot both believe another owner remains.
SELECT user_id, role FROM members WHERE workspace_id = $1 AND (role = 'owner' OR user_id = $2)
 ORDER BY user_id FOR UPDATE;

-- update_role --
UPDATE members SET role = $3, updated_at = now() WHERE workspace_id = $1 AND user_id = $2;

-- delete_member --
DELETE FROM members WHERE workspace_id = $1 AND user_id = $2;

-- insert_key --
INSERT INTO api_keys (workspace_id, id, name, hint, is_test, scopes, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- insert_key_lookup --
INSERT INTO api_key_lookup (key_digest, workspace_id, key_id) VALUES ($1, $2, $3);

-- find_key --
SELECT api_keys.workspace_id, api_keys.id, api_keys.scopes, api_keys.is_test, workspaces.public_id
  FROM api_key_lookup AS lookup
  JOIN api_keys ON api_keys.workspace_id = lookup.workspace_id AND api_keys.id = lookup.key_id
  JOIN workspaces ON workspaces.id = lookup.workspace_id AND workspaces.deleted_at IS NULL
 WHERE lookup.key_digest = $1 AND api_keys.revoked_at IS NULL
   AND (api_keys.expires_at IS NULL OR api_keys.expires_at > $2);

-- touch_key --
UPDATE api_keys SET used_at = $3
 WHERE workspace_id = $1 AND id = $2 AND (used_at IS NULL OR used_at < $3::timestamptz - interval '1 minute');

-- list_keys --
SELECT id, name, hint, is_test, scopes, created_at, expires_at, used_at, revoked_at
  FROM api_keys WHERE workspace_id = $1 ORDER BY id DESC LIMIT 500;

-- revoke_key --
UPDATE api_keys SET revoked_at = now() WHERE workspace_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING id;

-- delete_key_lookup --
DELETE FROM api_key_lookup WHERE workspace_id = $1 AND key_id = $2;

-- lock_setup --
SELECT pg_advisory_xact_lock(hashtext('blazz setup'));

-- is_member --
-- Reviewed exception: members are known by the e-mail of their user.
SELECT EXISTS (SELECT 1 FROM members JOIN users ON users.id = members.user_id
                WHERE members.workspace_id = $1 AND users.email = $2);

-- insert_invite --
INSERT INTO invites (workspace_id, id, email, role, invited_by, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6::timestamptz, $6::timestamptz + make_interval(days => $7))
RETURNING id, email, role, created_at, expires_at;

-- list_invites --
SELECT id, email, role, created_at, expires_at FROM invites
 WHERE workspace_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2
 ORDER BY id DESC LIMIT 500;

-- revoke_open_invites --
UPDATE invites SET revoked_at = $3
 WHERE workspace_id = $1 AND email = $2 AND accepted_at IS NULL AND revoked_at IS NULL RETURNING id;

-- revoke_invite --
UPDATE invites SET revoked_at = $3
 WHERE workspace_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL RETURNING email;

-- accept_invite --
UPDATE invites SET accepted_at = $4, accepted_by = $3 WHERE workspace_id = $1 AND id = $2;

-- open_invite --
-- Reviewed exception: whoever holds the link sees the workspace's name and whether they need an account.
SELECT invites.workspace_id, workspaces.name AS workspace_name, invites.id AS invite_id, invites.email, invites.role,
       EXISTS (SELECT 1 FROM users WHERE users.email = invites.email) AS has_account
  FROM invites JOIN workspaces ON workspaces.id = invites.workspace_id AND workspaces.deleted_at IS NULL
 WHERE invites.workspace_id = $1 AND invites.id = $2 AND invites.accepted_at IS NULL AND invites.revoked_at IS NULL
   AND invites.expires_at > $3;
