-- insert_user --
INSERT INTO users (id, email, name, password_hash, locale, is_operator) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (email) DO NOTHING RETURNING id;

-- any_user --
SELECT EXISTS (SELECT 1 FROM users);

-- user_by_email --
SELECT id, email, name, password_hash, locale, disabled_at FROM users WHERE email = $1;

-- user_by_id --
SELECT id, email, name, locale FROM users WHERE id = $1 AND disabled_at IS NULL;

-- insert_session --
INSERT INTO sessions (token_digest, user_id, csrf_token, user_agent, ip, expires_at) VALUES ($1, $2, $3, $4, $5, $6);

-- find_session --
-- A session lives while it is used every 12 hours, and 7 days at most.
UPDATE sessions SET seen_at = CASE WHEN seen_at < $2::timestamptz - interval '1 minute' THEN $2 ELSE seen_at END
  FROM users
 WHERE token_digest = $1 AND users.id = sessions.user_id AND users.disabled_at IS NULL
   AND sessions.expires_at > $2 AND sessions.seen_at > $2::timestamptz - interval '12 hours'
RETURNING users.id, users.email, users.name, users.locale, sessions.csrf_token;

-- delete_session --
DELETE FROM sessions WHERE token_digest = $1;

-- delete_sessions --
DELETE FROM sessions WHERE user_id = $1;

-- insert_token --
INSERT INTO one_time_tokens (token_digest, purpose, user_id, email, workspace_id, role, expires_at, invite_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- forget_tokens --
-- Links of a purpose that were not used: of one person, of one invite, or all of them.
DELETE FROM one_time_tokens
 WHERE purpose = $1 AND used_at IS NULL AND ($2::uuid IS NULL OR user_id = $2) AND ($3::uuid IS NULL OR invite_id = $3);

-- read_token --
SELECT user_id, email, workspace_id, role, invite_id FROM one_time_tokens
 WHERE token_digest = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3;

-- use_token --
UPDATE one_time_tokens SET used_at = $3
 WHERE token_digest = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3
RETURNING user_id, email, workspace_id, role, invite_id;

-- take_tokens --
-- A token bucket that survives restarts: refill by time, take one if there is one.
INSERT INTO rate_limits AS bucket (bucket, tokens, updated_at) VALUES ($1, $2::float8 - 1, $4)
ON CONFLICT (bucket) DO UPDATE
   SET tokens = least($2::float8, bucket.tokens
                      + extract(epoch FROM $4::timestamptz - bucket.updated_at) * $3::float8) - 1,
       updated_at = $4
 WHERE least($2::float8, bucket.tokens + extract(epoch FROM $4::timestamptz - bucket.updated_at) * $3::float8) >= 1
RETURNING tokens;
