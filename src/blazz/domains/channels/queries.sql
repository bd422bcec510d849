-- Accounts, numbers and stored webhooks. Tables: channel_accounts, numbers, number_routes, webhook_deliveries.

-- list_accounts --
SELECT id, provider, provider_account_id, name, base_url, unknown_outcome, messaging_limit, paused_reason,
       credentials, created_at, updated_at
  FROM channel_accounts
 WHERE workspace_id = $1
 ORDER BY id;

-- get_account --
SELECT id, provider, provider_account_id, name, base_url, unknown_outcome, messaging_limit, paused_reason,
       credentials, created_at, updated_at
  FROM channel_accounts
 WHERE workspace_id = $1 AND id = $2;

-- upsert_account --
-- An account that is known already gets the newly entered details; its id stays.
INSERT INTO channel_accounts (workspace_id, id, provider, provider_account_id, name, base_url, credentials,
                              unknown_outcome)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (workspace_id, provider, provider_account_id) DO UPDATE
   SET name = excluded.name, base_url = excluded.base_url, credentials = excluded.credentials,
       unknown_outcome = excluded.unknown_outcome, updated_at = now()
RETURNING id;

-- set_credentials --
UPDATE channel_accounts SET credentials = $3, updated_at = now() WHERE workspace_id = $1 AND id = $2;

-- set_account_pause --
-- A reason stops every number of the account; NULL lets them go on.
UPDATE channel_accounts SET paused_reason = $3, updated_at = now()
 WHERE workspace_id = $1 AND id = $2 AND paused_reason IS DISTINCT FROM $3;

-- set_messaging_limit --
UPDATE channel_accounts SET messaging_limit = $3, updated_at = now()
 WHERE workspace_id = $1 AND id = $2 AND messaging_limit IS DISTINCT FROM $3;

-- list_numbers --
SELECT numbers.id, numbers.account_id, account.provider, numbers.provider_number_id, account.provider_account_id,
       numbers.phone, numbers.display_name, numbers.status, numbers.quality, numbers.messages_per_second,
       numbers.pair_interval_seconds, numbers.is_default, numbers.is_test, numbers.held_until, numbers.held_reason,
       account.paused_reason, numbers.health_checked_at, numbers.created_at, numbers.updated_at
  FROM numbers
  JOIN channel_accounts AS account ON account.workspace_id = numbers.workspace_id AND account.id = numbers.account_id
 WHERE numbers.workspace_id = $1 AND numbers.deleted_at IS NULL AND ($2::uuid IS NULL OR numbers.id > $2)
 ORDER BY numbers.id
 LIMIT $3;

-- get_number --
SELECT numbers.id, numbers.account_id, account.provider, numbers.provider_number_id, account.provider_account_id,
       numbers.phone, numbers.display_name, numbers.status, numbers.quality, numbers.messages_per_second,
       numbers.pair_interval_seconds, numbers.is_default, numbers.is_test, numbers.held_until, numbers.held_reason,
       account.paused_reason, numbers.health_checked_at, numbers.created_at, numbers.updated_at
  FROM numbers
  JOIN channel_accounts AS account ON account.workspace_id = numbers.workspace_id AND account.id = numbers.account_id
 WHERE numbers.workspace_id = $1 AND numbers.id = $2 AND numbers.deleted_at IS NULL;

-- get_sender --
SELECT numbers.id, numbers.account_id, account.provider, numbers.provider_number_id, account.provider_account_id,
       account.credentials, numbers.messages_per_second, numbers.pair_interval_seconds, account.unknown_outcome,
       numbers.status, account.base_url, numbers.is_test, numbers.held_until, numbers.held_reason,
       account.paused_reason
  FROM numbers
  JOIN channel_accounts AS account ON account.workspace_id = numbers.workspace_id AND account.id = numbers.account_id
 WHERE numbers.workspace_id = $1 AND numbers.id = $2 AND numbers.deleted_at IS NULL;

-- find_default_number --
SELECT id FROM numbers WHERE workspace_id = $1 AND is_default AND deleted_at IS NULL;

-- transaction_time --
SELECT now();

-- count_numbers --
SELECT count(*) FROM numbers WHERE workspace_id = $1 AND deleted_at IS NULL;

-- find_oldest_number --
SELECT id FROM numbers WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT 1;

-- insert_number --
-- A number deleted earlier comes back under its old id, so that its conversations go on.
INSERT INTO numbers (workspace_id, id, account_id, provider_number_id, phone, display_name, status, quality,
                     messages_per_second, pair_interval_seconds, is_default, is_test, health_checked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (workspace_id, provider_number_id) DO UPDATE
   SET account_id = excluded.account_id, phone = excluded.phone, display_name = excluded.display_name,
       status = excluded.status, quality = excluded.quality, messages_per_second = excluded.messages_per_second,
       pair_interval_seconds = excluded.pair_interval_seconds, is_default = excluded.is_default,
       is_test = excluded.is_test, health_checked_at = excluded.health_checked_at, held_until = NULL,
       held_reason = NULL, deleted_at = NULL, updated_at = now()
 WHERE numbers.deleted_at IS NOT NULL
RETURNING id;

-- claim_route --
-- Takes the provider's number for one workspace; no row comes back when somebody holds it already.
INSERT INTO number_routes (provider, provider_number_id, workspace_id, number_id, provider_account_id, account_id)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (provider, provider_number_id) DO NOTHING
RETURNING number_id;

-- release_route --
DELETE FROM number_routes WHERE workspace_id = $1 AND number_id = $2;

-- update_number --
UPDATE numbers
   SET display_name = coalesce($3, display_name), messages_per_second = coalesce($4, messages_per_second),
       pair_interval_seconds = coalesce($5, pair_interval_seconds), updated_at = now()
 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL;

-- clear_default --
UPDATE numbers SET is_default = false, updated_at = now() WHERE workspace_id = $1 AND is_default AND id <> $2;

-- set_default --
UPDATE numbers SET is_default = $3, updated_at = now()
 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL AND is_default <> $3;

-- set_health --
-- What was not said stays as it was; a check stamps its instant, a webhook ($7 NULL) does not.
UPDATE numbers
   SET status = coalesce($3, status), quality = coalesce($4, quality), phone = coalesce($5, phone),
       display_name = CASE WHEN display_name = '' THEN coalesce($6, '') ELSE display_name END,
       health_checked_at = coalesce($7, health_checked_at), updated_at = now()
 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL
RETURNING status, quality;

-- set_hold --
-- A longer hold is never shortened by a later, shorter one.
UPDATE numbers SET held_until = $3, held_reason = $4, updated_at = now()
 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL AND (held_until IS NULL OR held_until < $3);

-- find_number_by_phone --
-- News names a number by its digits only.
SELECT id FROM numbers
 WHERE workspace_id = $1 AND account_id = $2 AND deleted_at IS NULL AND regexp_replace(phone, '[^0-9]', '', 'g') = $3;

-- account_numbers --
SELECT id FROM numbers WHERE workspace_id = $1 AND account_id = $2 AND deleted_at IS NULL ORDER BY id;

-- note_quality_time --
-- A row comes back unless something newer is known.
UPDATE numbers SET quality_at = coalesce($3, quality_at)
 WHERE workspace_id = $1 AND id = $2 AND coalesce(quality_at <= $3, true) RETURNING id;

-- note_state_time --
UPDATE channel_accounts SET state_at = coalesce($3, state_at)
 WHERE workspace_id = $1 AND id = $2 AND coalesce(state_at <= $3, true) RETURNING paused_reason;

-- note_limit_time --
UPDATE channel_accounts SET limit_at = coalesce($3, limit_at)
 WHERE workspace_id = $1 AND id = $2 AND coalesce(limit_at <= $3, true) RETURNING id;

-- clear_hold --
UPDATE numbers SET held_until = NULL, held_reason = NULL, updated_at = now()
 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL AND held_until IS NOT NULL;

-- delete_number --
UPDATE numbers
   SET deleted_at = now(), is_default = false, status = 'disconnected', updated_at = now()
 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL;

-- insert_deliveries --
INSERT INTO webhook_deliveries (id, provider, body, received_at)
SELECT row.id, row.provider, row.body, row.received_at
  FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::timestamptz[]) AS row (id, provider, body, received_at)
ON CONFLICT (id) DO NOTHING;

-- claim_deliveries --
-- Locks what is due, oldest first; the lock ends with the transaction, so a killed processor loses nothing.
SELECT id, provider, body, received_at, attempts
  FROM webhook_deliveries
 WHERE problem IS NULL AND not_before <= now()
 ORDER BY id
 LIMIT $1
   FOR UPDATE SKIP LOCKED;

-- delete_deliveries --
DELETE FROM webhook_deliveries WHERE id = ANY ($1::uuid[]);

-- postpone_delivery --
UPDATE webhook_deliveries SET attempts = attempts + 1, not_before = now() + make_interval(secs => $2) WHERE id = $1;

-- park_delivery --
-- A parked delivery is kept with its problem and never claimed again until somebody releases it.
UPDATE webhook_deliveries SET problem = $2, attempts = attempts + 1 WHERE id = $1;

-- release_parked --
UPDATE webhook_deliveries SET problem = NULL, attempts = 0, not_before = now() WHERE problem IS NOT NULL;

-- route_numbers --
SELECT provider_number_id, workspace_id, number_id, account_id, provider_account_id
  FROM number_routes
 WHERE provider = $1 AND provider_number_id = ANY ($2::text[]);

-- route_accounts --
SELECT DISTINCT provider_account_id, workspace_id, account_id
  FROM number_routes
 WHERE provider = $1 AND provider_account_id = ANY ($2::text[]);

-- find_webhook_account --
-- The route names the workspace, so that the account is read by its whole key.
SELECT account.workspace_id, account.credentials
  FROM channel_accounts AS account
 WHERE account.id = $1
   AND account.workspace_id = (SELECT workspace_id FROM number_routes WHERE account_id = $1 LIMIT 1);
