-- insert_campaign --
-- Store a new draft.
INSERT INTO campaigns (workspace_id, id, name, number_id, template_id, audience, variables, auto_pause, created_by,
                       created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8::jsonb, $9, $10, $10);

-- insert_stats --
-- Every campaign has its row of counters from the start.
INSERT INTO campaign_stats (workspace_id, campaign_id, updated_at) VALUES ($1, $2, $3);

-- get_campaign --
SELECT id, name, number_id, template_id, status, audience::text, variables::text, auto_pause::text,
       template_snapshot::text, scheduled_at, started_at, prepared_at, completed_at, paused_reason, held_reason, feed_cursor,
       reserved, created_by, created_at, updated_at
  FROM campaigns
 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL;

-- lock_campaign --
-- For commands: waits for a feeding batch to commit, so that what follows sees all of it.
SELECT id, name, number_id, template_id, status, audience::text, variables::text, auto_pause::text,
       template_snapshot::text, scheduled_at, started_at, prepared_at, completed_at, paused_reason, held_reason, feed_cursor,
       reserved, created_by, created_at, updated_at
  FROM campaigns
 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL
   FOR UPDATE;

-- lock_running --
-- For the feeder: a campaign that another feeder or a command holds is left for the next pass.
SELECT id, name, number_id, template_id, status, audience::text, variables::text, auto_pause::text,
       template_snapshot::text, scheduled_at, started_at, prepared_at, completed_at, paused_reason, held_reason, feed_cursor,
       reserved, created_by, created_at, updated_at
  FROM campaigns
 WHERE workspace_id = $1 AND id = $2 AND status = 'running' AND deleted_at IS NULL
   FOR NO KEY UPDATE SKIP LOCKED;

-- list_campaigns --
-- Newest first.
SELECT id, name, number_id, template_id, status, audience::text, variables::text, auto_pause::text,
       template_snapshot::text, scheduled_at, started_at, prepared_at, completed_at, paused_reason, held_reason, feed_cursor,
       reserved, created_by, created_at, updated_at
  FROM campaigns
 WHERE workspace_id = $1 AND deleted_at IS NULL
   AND ($2::uuid IS NULL OR id < $2) AND ($3::text IS NULL OR status = $3)
 ORDER BY id DESC
 LIMIT $4;

-- count_campaigns --
-- How many campaigns count against the plan.
SELECT count(*) FROM campaigns WHERE workspace_id = $1 AND deleted_at IS NULL;

-- update_campaign --
-- Replace what an editor may change.
UPDATE campaigns
   SET name = $3, number_id = $4, template_id = $5, audience = $6::jsonb, variables = $7::jsonb,
       auto_pause = $8::jsonb, updated_at = $9
 WHERE workspace_id = $1 AND id = $2;

-- set_schedule --
UPDATE campaigns SET status = $3, scheduled_at = $4, updated_at = $5 WHERE workspace_id = $1 AND id = $2;

-- set_started --
UPDATE campaigns
   SET status = 'preparing', started_at = $3, template_snapshot = $4::jsonb, reserved = $5, updated_at = $3
 WHERE workspace_id = $1 AND id = $2;

-- set_prepared --
UPDATE campaigns SET status = 'running', prepared_at = $3, reserved = $4, updated_at = $3
 WHERE workspace_id = $1 AND id = $2;

-- set_status --
-- Move to a state; the reason belongs to it and disappears with the next move.
UPDATE campaigns
   SET status = $3::text, paused_reason = $4, held_reason = NULL, updated_at = $5::timestamptz,
       completed_at = CASE WHEN $3::text IN ('completed', 'cancelled', 'failed') THEN $5::timestamptz END
 WHERE workspace_id = $1 AND id = $2;

-- hold_campaign --
UPDATE campaigns SET held_reason = $3, updated_at = $4
 WHERE workspace_id = $1 AND id = $2 AND status IN ('scheduled', 'preparing', 'running') AND held_reason IS NULL
   AND deleted_at IS NULL
RETURNING id;

-- let_campaign_go --
UPDATE campaigns SET held_reason = NULL, updated_at = $3
 WHERE workspace_id = $1 AND id = $2 AND held_reason IS NOT NULL
RETURNING id;

-- set_reserved --
UPDATE campaigns SET reserved = $3 WHERE workspace_id = $1 AND id = $2;

-- set_cursor --
UPDATE campaigns SET feed_cursor = $3 WHERE workspace_id = $1 AND id = $2;

-- delete_campaign --
UPDATE campaigns SET deleted_at = $3, updated_at = $3 WHERE workspace_id = $1 AND id = $2;

-- insert_log --
INSERT INTO campaign_log (workspace_id, id, campaign_id, action, reason, actor_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- list_log --
-- Newest first.
SELECT id, action, reason, actor_id, created_at FROM campaign_log
 WHERE workspace_id = $1 AND campaign_id = $2 AND ($3::uuid IS NULL OR id < $3)
 ORDER BY id DESC
 LIMIT $4;

-- find_number --
-- Reviewed exception: the sender as campaigns need it, with the account that owns its templates.
SELECT number.id, number.account_id, number.display_name, number.phone, number.status, number.messages_per_second,
       account.messaging_limit, account.paused_reason
  FROM numbers AS number
  JOIN channel_accounts AS account ON account.workspace_id = $1 AND account.id = number.account_id
 WHERE number.workspace_id = $1 AND number.id = $2 AND number.deleted_at IS NULL;

-- find_template --
-- Reviewed exception: the template as it is frozen into a campaign.
SELECT id, account_id, name, language, category, status, parameter_format, components::text
  FROM templates
 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL;

-- unknown_in_audience --
-- Reviewed exception: names of groups, categories, contacts and campaigns that do not exist here.
SELECT 'group' AS kind, wanted AS id FROM unnest($2::uuid[]) AS wanted
 WHERE NOT EXISTS (SELECT 1 FROM contact_groups WHERE workspace_id = $1 AND id = wanted)
UNION ALL
SELECT 'category', wanted FROM unnest($3::uuid[]) AS wanted
 WHERE NOT EXISTS (SELECT 1 FROM categories WHERE workspace_id = $1 AND id = wanted)
UNION ALL
SELECT 'contact', wanted FROM unnest($4::uuid[]) AS wanted
 WHERE NOT EXISTS (SELECT 1 FROM contacts WHERE workspace_id = $1 AND id = wanted)
UNION ALL
SELECT 'campaign', wanted FROM unnest($5::uuid[]) AS wanted
 WHERE NOT EXISTS (SELECT 1 FROM campaigns WHERE workspace_id = $1 AND id = wanted AND deleted_at IS NULL);

-- prefer_hash_joins --
-- Before the freeze: right after an import the statistics may say 1 person where there are a million, and a nested loop
-- would then take hours; hash joins take a wrong guess well, and with some memory they keep the order of the ids.
SELECT set_config('enable_nestloop', 'off', true), set_config('work_mem', '96MB', true);

-- allow_nested_loops --
-- After the freeze, for the rest of the transaction.
SELECT set_config(name, reset_val || coalesce(unit, ''), true) FROM pg_settings WHERE name IN ('enable_nestloop', 'work_mem');

-- freeze_audience --
-- Reviewed exception: choose the people, give each at most one reason to be skipped, store them when $10 is true, and
-- count them. The dry run of the pre-flight is this same statement with $10 false, so its counts are exact.
WITH person AS (
    SELECT id, phone, deleted_at, opted_out_at, unreachable_at, name, email, city, company, external_id, attributes
      FROM contacts
     WHERE workspace_id = $1 AND deleted_at IS NULL AND $3::boolean
    UNION ALL
    SELECT contact.id, contact.phone, contact.deleted_at, contact.opted_out_at, contact.unreachable_at, contact.name,
           contact.email, contact.city, contact.company, contact.external_id, contact.attributes
      FROM (SELECT contact_id FROM contact_group_members WHERE workspace_id = $1 AND group_id = ANY ($4::uuid[])
            UNION
            SELECT id FROM contacts
             WHERE workspace_id = $1 AND category_id = ANY ($5::uuid[]) AND deleted_at IS NULL
            UNION
            SELECT unnest($6::uuid[])) AS chosen
      JOIN contacts AS contact ON contact.workspace_id = $1 AND contact.id = chosen.contact_id
     WHERE NOT $3::boolean
), received AS (
    SELECT DISTINCT recipient.contact_id
      FROM campaign_recipients AS recipient
     WHERE recipient.workspace_id = $1 AND recipient.campaign_id = ANY ($7::uuid[]) AND recipient.state = 1
       AND (SELECT status FROM messages
             WHERE messages.workspace_id = $1 AND messages.id = recipient.message_id) NOT IN (90, 95)
), excluded AS (
    SELECT DISTINCT contact_id FROM contact_group_members WHERE workspace_id = $1 AND group_id = ANY ($8::uuid[])
), judged AS MATERIALIZED (
    SELECT id, coalesce(phone, '') AS phone,
           CASE WHEN deleted_at IS NOT NULL THEN 'deleted'
                WHEN opted_out_at IS NOT NULL THEN 'opted_out'
                WHEN phone IS NULL OR phone = '' THEN 'no_phone'
                WHEN phone !~ '^\+[1-9][0-9]{6,14}$' THEN 'invalid_phone'
                WHEN unreachable_at IS NOT NULL THEN 'unreachable'
                WHEN excluded.contact_id IS NOT NULL THEN 'excluded'
                WHEN received.contact_id IS NOT NULL THEN 'already_received'
                WHEN cardinality($9::text[]) > 0 AND EXISTS (
                     SELECT 1 FROM unnest($9::text[]) AS field
                      WHERE btrim(coalesce(CASE field WHEN 'name' THEN name WHEN 'phone' THEN phone
                            WHEN 'email' THEN email WHEN 'city' THEN city WHEN 'company' THEN company
                            WHEN 'external_id' THEN external_id
                            ELSE attributes ->> substr(field, 12) END, '')) = '') THEN 'variables_missing'
           END AS reason
      FROM person
      LEFT JOIN excluded ON excluded.contact_id = person.id
      LEFT JOIN received ON received.contact_id = person.id
), shared AS (
    SELECT phone FROM judged WHERE reason IS NULL GROUP BY phone HAVING count(*) > 1
), repeated AS (
    SELECT id FROM (SELECT judged.id, row_number() OVER (PARTITION BY judged.phone ORDER BY judged.id) AS place
                      FROM judged JOIN shared ON shared.phone = judged.phone
                     WHERE judged.reason IS NULL) AS ranked
     WHERE place > 1
), final AS MATERIALIZED (
    SELECT judged.id, judged.phone, CASE WHEN repeated.id IS NOT NULL THEN 'duplicate' ELSE judged.reason END AS reason
      FROM judged LEFT JOIN repeated ON repeated.id = judged.id
), stored AS (
    INSERT INTO campaign_recipients (workspace_id, campaign_id, contact_id, state, address, skip_reason)
    SELECT $1, $2, id, CASE WHEN reason IS NULL THEN 0 ELSE 2 END, phone, reason FROM final WHERE $10::boolean
)
SELECT coalesce(reason, '') AS reason, count(*) AS people FROM final GROUP BY reason;

-- store_freeze_stats --
UPDATE campaign_stats SET total = $3, skipped = $4, pending = $5, updated_at = $6
 WHERE workspace_id = $1 AND campaign_id = $2;

-- next_recipients --
-- Reviewed exception: the next people without a message, with the fields that variables may name.
-- OFFSET 0 keeps the lookup per person: right after an import the planner would otherwise merge in all contacts.
SELECT recipient.contact_id, recipient.address, contact.id IS NULL OR contact.deleted_at IS NOT NULL AS is_deleted,
       contact.opted_out_at IS NOT NULL AS is_opted_out, contact.name, contact.phone, contact.email, contact.city,
       contact.company, contact.external_id,
       CASE WHEN $5::boolean THEN contact.attributes::text END AS attributes
  FROM (SELECT contact_id, address FROM campaign_recipients
         WHERE workspace_id = $1 AND campaign_id = $2 AND contact_id > $3 AND state = 0
         ORDER BY contact_id LIMIT $4) AS recipient
  LEFT JOIN LATERAL (
       SELECT id, deleted_at, opted_out_at, name, phone, email, city, company, external_id, attributes
         FROM contacts WHERE workspace_id = $1 AND id = recipient.contact_id OFFSET 0) AS contact ON true
 ORDER BY recipient.contact_id;

-- mark_fed --
-- People whose message was queued; the counters and the place where the next batch begins move with them.
WITH counted AS (
    UPDATE campaign_stats SET queued = queued + cardinality($3::uuid[]), pending = pending - cardinality($3::uuid[]),
                              updated_at = now()
     WHERE workspace_id = $1 AND campaign_id = $2
), moved AS (
    UPDATE campaigns SET feed_cursor = $5 WHERE workspace_id = $1 AND id = $2
)
UPDATE campaign_recipients AS recipient
   SET state = 1, message_id = given.message_id, attempts = recipient.attempts + 1
  FROM unnest($3::uuid[], $4::uuid[]) AS given (contact_id, message_id)
 WHERE recipient.workspace_id = $1 AND recipient.campaign_id = $2 AND recipient.contact_id = ANY ($3::uuid[])
   AND recipient.contact_id = given.contact_id;

-- mark_skipped --
UPDATE campaign_recipients AS recipient
   SET state = 2, skip_reason = given.reason
  FROM unnest($3::uuid[], $4::text[]) AS given (contact_id, reason)
 WHERE recipient.workspace_id = $1 AND recipient.campaign_id = $2 AND recipient.contact_id = ANY ($3::uuid[])
   AND recipient.contact_id = given.contact_id;

-- move_skipped_stats --
UPDATE campaign_stats SET skipped = skipped + $3, pending = pending - $3, updated_at = now()
 WHERE workspace_id = $1 AND campaign_id = $2;

-- cancel_recipients --
UPDATE campaign_recipients SET state = 3 WHERE workspace_id = $1 AND campaign_id = $2 AND state = 0;

-- move_cancelled_stats --
UPDATE campaign_stats SET cancelled = cancelled + $3, pending = pending - $3, updated_at = $4
 WHERE workspace_id = $1 AND campaign_id = $2;

-- move_unqueued_stats --
UPDATE campaign_stats SET cancelled = cancelled + $3, queued = queued - $3, updated_at = $4
 WHERE workspace_id = $1 AND campaign_id = $2;

-- count_on_wire --
-- Reviewed exception: messages of the campaign that had left when it was paused.
SELECT count(*) FROM outbox WHERE workspace_id = $1 AND campaign_id = $2 AND state = 1;

-- retry_recipients --
-- Reviewed exception: failed people become pending again, except opted-out ones and, for a day, those whom the
-- provider's own marketing cap kept back (131049). Answers what each failed with, for the counters.
-- The failed message leaves the campaign: whatever the provider still tells about it moves no counter any more, because
-- from now on the next message stands for this person. Messages are locked in the order every writer locks them.
WITH failed AS MATERIALIZED (
    SELECT recipient.contact_id, message.id AS message_id, coalesce(message.error_code, 'unknown') AS error_code,
           (message.sent_at IS NOT NULL)::int AS accepted
      FROM campaign_recipients AS recipient
      JOIN messages AS message ON message.workspace_id = $1 AND message.id = recipient.message_id
      JOIN contacts AS contact ON contact.workspace_id = $1 AND contact.id = recipient.contact_id
     WHERE recipient.workspace_id = $1 AND recipient.campaign_id = $2 AND recipient.state = 1
       AND message.status = 90 AND contact.opted_out_at IS NULL AND contact.deleted_at IS NULL
       AND NOT (message.provider_error IS NOT DISTINCT FROM 131049
                AND message.failed_at > $3::timestamptz - interval '24 hours')
       AND ($4::uuid[] IS NULL OR recipient.contact_id = ANY ($4::uuid[]))
     ORDER BY message.id
       FOR UPDATE OF message
), detached AS (
    UPDATE messages AS message SET campaign_id = NULL
      FROM failed
     WHERE message.workspace_id = $1 AND message.id = failed.message_id
), again AS (
    UPDATE campaign_recipients AS recipient SET state = 0, message_id = NULL
      FROM failed
     WHERE recipient.workspace_id = $1 AND recipient.campaign_id = $2 AND recipient.contact_id = failed.contact_id
)
SELECT error_code, count(*) AS people, sum(accepted)::bigint AS accepted FROM failed GROUP BY error_code;

-- move_retried_stats --
UPDATE campaign_stats AS stats
   SET pending = stats.pending + $3, failed = stats.failed - $3, accepted = stats.accepted - $4, updated_at = $6,
       failures = (SELECT coalesce(jsonb_object_agg(key, people), '{}')
                     FROM (SELECT key, sum(value::bigint) AS people
                             FROM (SELECT * FROM jsonb_each_text(stats.failures)
                                   UNION ALL SELECT * FROM jsonb_each_text($5::jsonb)) AS both_sides
                            GROUP BY key HAVING sum(value::bigint) <> 0) AS summed)
 WHERE stats.workspace_id = $1 AND stats.campaign_id = $2;

-- get_stats --
SELECT campaign_id, total, pending, skipped, queued, accepted, delivered, read, replied, failed, cancelled, in_doubt,
       opted_out, failures::text
  FROM campaign_stats WHERE workspace_id = $1 AND campaign_id = $2;

-- list_stats --
SELECT campaign_id, total, pending, skipped, queued, accepted, delivered, read, replied, failed, cancelled, in_doubt,
       opted_out, failures::text
  FROM campaign_stats WHERE workspace_id = $1 AND campaign_id = ANY ($2::uuid[]);

-- mark_replied --
-- The first reply of each person to each campaign; answers how many were first.
WITH first AS (
    UPDATE campaign_recipients AS recipient SET replied_at = now()
      FROM unnest($2::uuid[], $3::uuid[]) AS given (campaign_id, contact_id)
     WHERE recipient.workspace_id = $1 AND recipient.campaign_id = given.campaign_id
       AND recipient.contact_id = given.contact_id AND recipient.replied_at IS NULL
    RETURNING recipient.campaign_id
)
SELECT campaign_id, count(*) AS people FROM first GROUP BY campaign_id;

-- mark_opted_out --
-- People who opted out after a campaign reached them; answers how many had not before.
WITH first AS (
    UPDATE campaign_recipients AS recipient SET opted_out_at = now()
      FROM unnest($2::uuid[], $3::uuid[]) AS given (campaign_id, contact_id)
     WHERE recipient.workspace_id = $1 AND recipient.campaign_id = given.campaign_id
       AND recipient.contact_id = given.contact_id AND recipient.opted_out_at IS NULL
    RETURNING recipient.campaign_id
)
SELECT campaign_id, count(*) AS people FROM first GROUP BY campaign_id;

-- apply_outcomes --
-- Move the counters of several campaigns at once; rows are locked in the order of their ids, so batches never deadlock.
WITH delta AS (
    SELECT * FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
                         $9::bigint[], $10::bigint[], $11::bigint[], $12::jsonb[])
           AS row (campaign_id, queued, accepted, delivered, read, replied, failed, cancelled, in_doubt, opted_out,
                   failures)
), locked AS MATERIALIZED (
    SELECT campaign_id FROM campaign_stats
     WHERE workspace_id = $1 AND campaign_id = ANY ($2::uuid[])
     ORDER BY campaign_id FOR UPDATE
)
UPDATE campaign_stats AS stats
   SET queued = stats.queued + delta.queued, accepted = stats.accepted + delta.accepted,
       delivered = stats.delivered + delta.delivered, read = stats.read + delta.read,
       replied = stats.replied + delta.replied, failed = stats.failed + delta.failed,
       cancelled = stats.cancelled + delta.cancelled, in_doubt = stats.in_doubt + delta.in_doubt,
       opted_out = stats.opted_out + delta.opted_out, updated_at = now(),
       failures = CASE WHEN delta.failures = '{}' THEN stats.failures ELSE (
           SELECT coalesce(jsonb_object_agg(key, people), '{}')
             FROM (SELECT key, sum(value::bigint) AS people
                     FROM (SELECT * FROM jsonb_each_text(stats.failures)
                           UNION ALL SELECT * FROM jsonb_each_text(delta.failures)) AS both_sides
                    GROUP BY key HAVING sum(value::bigint) <> 0) AS summed) END
  FROM delta
  JOIN locked ON locked.campaign_id = delta.campaign_id
  JOIN campaigns AS campaign ON campaign.workspace_id = $1 AND campaign.id = delta.campaign_id
 WHERE stats.workspace_id = $1 AND stats.campaign_id = delta.campaign_id
RETURNING campaign.status, campaign.auto_pause::text, stats.campaign_id, stats.total, stats.pending, stats.skipped, stats.queued, stats.accepted, stats.delivered,
          stats.read, stats.replied, stats.failed, stats.cancelled, stats.in_doubt, stats.opted_out,
          stats.failures::text;

-- recount --
-- Reviewed exception: count the counters again from recipients and their messages.
SELECT count(*) AS total, count(*) FILTER (WHERE recipient.state = 0) AS pending,
       count(*) FILTER (WHERE recipient.state = 2) AS skipped,
       count(*) FILTER (WHERE message.status IN (10, 20)) AS queued,
       count(*) FILTER (WHERE message.sent_at IS NOT NULL) AS accepted,
       count(*) FILTER (WHERE message.delivered_at IS NOT NULL) AS delivered,
       count(*) FILTER (WHERE message.read_at IS NOT NULL) AS read,
       count(*) FILTER (WHERE message.status = 90) AS failed,
       count(*) FILTER (WHERE message.status = 95 OR recipient.state = 3) AS cancelled,
       count(*) FILTER (WHERE message.status = 25) AS in_doubt,
       count(*) FILTER (WHERE recipient.replied_at IS NOT NULL) AS replied,
       count(*) FILTER (WHERE recipient.opted_out_at IS NOT NULL) AS opted_out
  FROM campaign_recipients AS recipient
  LEFT JOIN messages AS message ON message.workspace_id = $1 AND message.id = recipient.message_id
 WHERE recipient.workspace_id = $1 AND recipient.campaign_id = $2;

-- recount_failures --
-- Reviewed exception: failed messages by code.
SELECT coalesce(message.error_code, 'unknown') AS error_code, count(*) AS people
  FROM campaign_recipients AS recipient
  JOIN messages AS message ON message.workspace_id = $1 AND message.id = recipient.message_id
 WHERE recipient.workspace_id = $1 AND recipient.campaign_id = $2 AND message.status = 90
 GROUP BY 1;

-- list_recipients --
-- Reviewed exception: people of a frozen audience with what became of their message.
SELECT recipient.contact_id, coalesce(contact.name, '') AS name, recipient.address, recipient.state,
       recipient.skip_reason, recipient.message_id, message.status AS message_status, message.error_code,
       message.sent_at, message.delivered_at, message.read_at, message.failed_at
  FROM campaign_recipients AS recipient
  LEFT JOIN contacts AS contact ON contact.workspace_id = $1 AND contact.id = recipient.contact_id
  LEFT JOIN messages AS message ON message.workspace_id = $1 AND message.id = recipient.message_id
 WHERE recipient.workspace_id = $1 AND recipient.campaign_id = $2
   AND ($3::uuid IS NULL OR recipient.contact_id > $3)
   AND ($4::smallint IS NULL OR recipient.state = $4)
   AND ($5::smallint[] IS NULL OR message.status = ANY ($5::smallint[]))
 ORDER BY recipient.contact_id
 LIMIT $6;

-- people_by_phone --
-- Reviewed exception: contacts who may be written to, by phone, with the fields that variables may name.
SELECT DISTINCT ON (identity.value) identity.value AS phone, contact.id AS contact_id, contact.name, contact.email,
       contact.city, contact.company, contact.external_id, contact.attributes::text
  FROM contact_identities AS identity
  JOIN contacts AS contact ON contact.workspace_id = $1 AND contact.id = identity.contact_id
 WHERE identity.workspace_id = $1 AND identity.kind = 'phone' AND identity.scope = ''
   AND identity.value = ANY ($2::text[])
   AND contact.deleted_at IS NULL AND contact.opted_out_at IS NULL
 ORDER BY identity.value, contact.id;

-- unfinished_outbox --
-- Reviewed exception: whether a message of the campaign still waits, or is in doubt for less than the window.
SELECT EXISTS (
    SELECT 1 FROM outbox
     WHERE workspace_id = $1 AND campaign_id = $2
       AND (state IN (0, 1, 3) OR (state = 2 AND on_wire_at > $3::timestamptz)));

-- active_campaigns --
-- Reviewed exception: for the worker, campaigns of every workspace that need attention now, with the room in their lane up to $2.
SELECT campaign.workspace_id, campaign.id, campaign.number_id, campaign.status, campaign.held_reason,
       CASE WHEN campaign.status = 'running' THEN $2::bigint - (
           SELECT count(*) FROM (
               SELECT 1 FROM outbox
                WHERE outbox.workspace_id = campaign.workspace_id AND outbox.number_id = campaign.number_id
                  AND outbox.lane = 1 AND outbox.state = 0 LIMIT $2) AS waiting) ELSE 0 END AS room
  FROM campaigns AS campaign
 WHERE campaign.deleted_at IS NULL
   AND (campaign.status IN ('running', 'completing')
        OR (campaign.status = 'scheduled' AND campaign.scheduled_at <= $1)
        OR (campaign.status = 'preparing' AND campaign.updated_at < $1 - interval '2 minutes'))
 ORDER BY campaign.workspace_id, campaign.id;

-- counted_campaigns --
-- Campaigns whose audience is frozen, so that they have something to count.
SELECT id FROM campaigns WHERE workspace_id = $1 AND prepared_at IS NOT NULL ORDER BY id;

-- hold_stats --
SELECT 1 FROM campaign_stats WHERE workspace_id = $1 AND campaign_id = $2 FOR UPDATE;

-- workspace_zone --
-- Reviewed exception: the zone that local times of the workspace are meant in.
SELECT timezone FROM workspaces WHERE id = $1;

-- workspace_country --
-- Reviewed exception: the country that numbers without a prefix belong to.
SELECT country FROM workspaces WHERE id = $1;

-- completing_campaigns --
-- For the worker: campaigns of every workspace that only wait for their last outcomes.
SELECT workspace_id, id FROM campaigns WHERE status = 'completing' AND deleted_at IS NULL ORDER BY workspace_id, id;

-- count_unaccepted --
-- Reviewed exception: people whose message ended without the provider ever taking it.
SELECT count(*)
  FROM campaign_recipients AS recipient
  JOIN messages AS message ON message.workspace_id = $1 AND message.id = recipient.message_id
 WHERE recipient.workspace_id = $1 AND recipient.campaign_id = $2 AND recipient.state = 1
   AND message.status IN (90, 95) AND message.sent_at IS NULL;
