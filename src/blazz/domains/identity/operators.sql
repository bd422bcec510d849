-- list_users --
-- The whole instance has few people; the bound only keeps a mistake from reading forever.
SELECT id, email, name, locale, is_operator, disabled_at, password_hash IS NOT NULL AS has_password, created_at
  FROM users ORDER BY email LIMIT 10000;

-- find_user --
SELECT id, email, name, locale, is_operator, disabled_at, password_hash IS NOT NULL AS has_password, created_at
  FROM users WHERE email = $1;

-- set_password --
UPDATE users SET password_hash = $2, updated_at = now() WHERE id = $1;
