-- list_sessions --
-- A session's public id is half of the digest its token is found by.
SELECT encode(substr(token_digest, 1, 16), 'hex')::uuid AS id, user_agent, ip, created_at, seen_at, expires_at
  FROM sessions
 WHERE user_id = $1 AND expires_at > $2 AND seen_at > $2::timestamptz - interval '12 hours'
 ORDER BY seen_at DESC, token_digest
 LIMIT 200;

-- end_session --
DELETE FROM sessions WHERE user_id = $1 AND substr(token_digest, 1, 16) = $2 RETURNING user_id;

-- end_other_sessions --
DELETE FROM sessions WHERE user_id = $1 AND token_digest <> $2 RETURNING user_id;

-- password_of --
SELECT password_hash FROM users WHERE id = $1 AND disabled_at IS NULL;

-- set_own_password --
UPDATE users SET password_hash = $2, updated_at = now() WHERE id = $1;

-- update_user --
UPDATE users SET name = coalesce($2, name), locale = coalesce($3, locale), updated_at = now() WHERE id = $1;
