-- insert_outbound --
-- Store a batch of outgoing messages as queued, queue them for sending, and make their lane ready. A lane that is awake
-- is left alone, so a busy lane is never a hot row.
WITH given AS MATERIALIZED (
    SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::jsonb[])
           AS row (id, contact_id, address, body, content)
), queued AS (
    INSERT INTO outbox (workspace_id, message_id, number_id, contact_id, campaign_id, lane, address, marketing)
    SELECT $1, id, $7::uuid, contact_id, $8::uuid, $9::smallint, address, $16::boolean FROM given
), woken AS (
    INSERT INTO send_lanes (workspace_id, number_id) VALUES ($1, $7::uuid)
    ON CONFLICT (workspace_id, number_id) DO UPDATE SET wake_at = now() WHERE send_lanes.wake_at > now()
)
INSERT INTO messages (workspace_id, id, contact_id, number_id, conversation_id, campaign_id, direction, origin, status,
                      kind, body, content, author_id, reply_to, client_reference, created_at)
SELECT $1, id, contact_id, $7::uuid, $10::uuid, $8::uuid, 1, $11::smallint, 10, $12::text, body, content, $13::uuid,
       $14::text, $15::text, now()
  FROM given;

-- wake_lanes --
-- Make the lanes of these numbers ready; lanes that are awake are left alone, so a busy lane is never a hot row.
INSERT INTO send_lanes (workspace_id, number_id)
SELECT $1, number_id FROM unnest($2::uuid[]) AS number_id
ON CONFLICT (workspace_id, number_id) DO UPDATE SET wake_at = now() WHERE send_lanes.wake_at > now();

-- wake_forgotten_lanes --
-- The floor under wake-ups: any lane with queued rows is made ready, whatever was missed.
UPDATE send_lanes SET wake_at = now()
 WHERE wake_at > now()
   AND EXISTS (SELECT 1 FROM outbox
                WHERE outbox.workspace_id = send_lanes.workspace_id AND outbox.number_id = send_lanes.number_id
                  AND outbox.state = 0 AND outbox.lane IN (0, 1));

-- claim_lanes --
-- Take over ready lanes that nobody holds, longest unserved first; the fencing number rises with each owner.
UPDATE send_lanes AS lane
   SET owner = $1, fencing = lane.fencing + 1, lease_until = now() + $2::interval, served_at = now()
 WHERE (lane.workspace_id, lane.number_id) IN (
           SELECT workspace_id, number_id FROM send_lanes
            WHERE wake_at <= now() AND held_until <= now() AND (owner IS NULL OR lease_until < now())
            ORDER BY served_at LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING lane.workspace_id, lane.number_id, lane.fencing;

-- renew_lanes --
-- Extend the leases this worker still holds; a lane missing from the answer was lost.
UPDATE send_lanes AS lane SET lease_until = now() + $2::interval
  FROM unnest($3::bigint[], $4::uuid[], $5::bigint[]) AS mine (workspace_id, number_id, fencing)
 WHERE lane.workspace_id = mine.workspace_id AND lane.number_id = mine.number_id
   AND lane.owner = $1 AND lane.fencing = mine.fencing AND lane.held_until <= now()
RETURNING lane.workspace_id, lane.number_id;

-- release_lane --
-- Give a lane back; it sleeps until the given instant or until work wakes it.
UPDATE send_lanes SET owner = NULL, lease_until = '-infinity', wake_at = $5
 WHERE workspace_id = $1 AND number_id = $2 AND owner = $3 AND fencing = $4;

-- hold_lane --
-- Stop a lane until an instant, with the reason people see.
INSERT INTO send_lanes (workspace_id, number_id, held_until, held_reason) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, number_id) DO UPDATE
   SET held_until = excluded.held_until, held_reason = excluded.held_reason, owner = NULL, lease_until = '-infinity',
       wake_at = now();

-- commit_intent --
-- Reviewed exception: the opt-out must be read in the very statement that fetches what to send.
-- Move up to $5 queued messages of a lane to the wire, interactive ones first, if the lease is still ours, and answer
-- what to send. $6 is the moving lower bound of the bulk lane: it spares the scan of rows already dealt with.
-- OFFSET 0 keeps the lookups per message: without statistics the planner would otherwise merge in whole tables.
WITH taken AS (
    UPDATE outbox AS item
       SET state = 1, on_wire_at = now(), owner = $3, fencing = $4, attempts = item.attempts + 1
     WHERE item.workspace_id = $1
       AND item.state = 0
       AND item.message_id = ANY (ARRAY(
               SELECT message_id FROM (
                   (SELECT message_id, lane FROM outbox
                     WHERE workspace_id = $1 AND number_id = $2 AND lane = 0 AND state = 0 AND not_before <= now()
                     ORDER BY message_id LIMIT $5)
                   UNION ALL
                   (SELECT message_id, lane FROM outbox
                     WHERE workspace_id = $1 AND number_id = $2 AND lane = 1 AND state = 0 AND not_before <= now()
                       AND message_id > $6
                     ORDER BY message_id LIMIT $7)
               ) AS ready ORDER BY lane, message_id LIMIT $5))
       AND EXISTS (SELECT 1 FROM send_lanes
                    WHERE workspace_id = $1 AND number_id = $2 AND owner = $3 AND fencing = $4 AND lease_until > now())
    RETURNING item.message_id, item.contact_id, item.campaign_id, item.address, item.lane, item.attempts,
              item.pushbacks, item.marketing
)
SELECT taken.message_id, taken.contact_id, taken.campaign_id, taken.address, taken.lane, taken.attempts,
       taken.pushbacks, taken.marketing, message.content, message.reply_to,
       contact.opted_out_at IS NOT NULL AS opted_out
  FROM taken
  LEFT JOIN LATERAL (
       SELECT content::text AS content, reply_to
         FROM messages WHERE workspace_id = $1 AND id = taken.message_id OFFSET 0) AS message ON true
  LEFT JOIN LATERAL (
       SELECT opted_out_at FROM contacts WHERE workspace_id = $1 AND id = taken.contact_id OFFSET 0) AS contact ON true;

-- requeue --
-- Put messages back that were provably not accepted; the try does not count against them, a put-off by the provider does.
UPDATE outbox AS item
   SET state = 0, owner = NULL, on_wire_at = NULL, attempts = greatest(item.attempts - 1, 0),
       not_before = now() + make_interval(secs => given.seconds), reason = given.reason,
       pushbacks = least(item.pushbacks + given.pushed, 32000)
  FROM unnest($2::uuid[], $3::double precision[], $4::text[], $6::int[]) AS given (message_id, seconds, reason, pushed)
 WHERE item.workspace_id = $1 AND item.message_id = ANY ($2::uuid[]) AND item.message_id = given.message_id
   AND item.state IN (1, 2) AND item.owner = $5;

-- mark_in_doubt --
-- The provider may or may not have accepted: these never return by time alone.
UPDATE outbox AS item SET state = 2, reason = given.reason
  FROM unnest($2::uuid[], $3::text[]) AS given (message_id, reason)
 WHERE item.workspace_id = $1 AND item.message_id = ANY ($2::uuid[]) AND item.message_id = given.message_id
   AND item.state = 1 AND item.owner = $4
RETURNING item.message_id;

-- workspaces_with_overdue_wire --
-- Workspaces with messages on the wire for longer than any call may take: their sender died.
SELECT DISTINCT workspace_id FROM outbox WHERE state = 1 AND on_wire_at < now() - $1::interval;

-- overdue_wire_to_doubt --
-- Their outcome is unknown from now on.
UPDATE outbox SET state = 2, reason = 'sender_lost'
 WHERE workspace_id = $1 AND state = 1 AND on_wire_at < now() - $2::interval
RETURNING message_id;

-- workspaces_with_silent_doubt --
-- Reviewed exception: the choice to resend belongs to the account, and waiting news must rule it out at once.
-- Workspaces that chose to resend, and have messages in doubt that stayed without any news for the whole window.
SELECT DISTINCT outbox.workspace_id
  FROM outbox
  JOIN numbers ON numbers.workspace_id = outbox.workspace_id AND numbers.id = outbox.number_id
  JOIN channel_accounts AS account
    ON account.workspace_id = numbers.workspace_id AND account.id = numbers.account_id
 WHERE outbox.state = 2 AND outbox.on_wire_at < now() - $1::interval
   AND account.unknown_outcome = 'resend_after_silence'
   AND NOT EXISTS (SELECT 1 FROM webhook_deliveries WHERE problem IS NULL);

-- requeue_silent_doubt --
-- Reviewed exception: the choice to resend is checked in the statement that acts on it.
-- Send them once more: no status came although statuses of others did.
UPDATE outbox SET state = 0, owner = NULL, on_wire_at = NULL, reason = 'resent_after_silence'
  FROM numbers
  JOIN channel_accounts AS account
    ON account.workspace_id = numbers.workspace_id AND account.id = numbers.account_id
 WHERE outbox.workspace_id = $1 AND outbox.state = 2 AND outbox.on_wire_at < now() - $2::interval
   AND numbers.workspace_id = $1 AND numbers.id = outbox.number_id
   AND account.unknown_outcome = 'resend_after_silence'
RETURNING outbox.message_id, outbox.number_id;

-- doubt_to_queued --
-- Show resent messages as queued again.
UPDATE messages SET status = 10 WHERE workspace_id = $1 AND id = ANY ($2::uuid[]) AND status = 25
RETURNING id, contact_id, campaign_id;

-- advance_messages --
-- Reviewed: one statement and one round trip for all that news of messages change.
-- Statuses only move forward, the earliest instant of each state is kept; a late delivery outranks a failure, a late
-- failure never outranks a delivery. News from 30 on prove the provider's answer: those messages leave the outbox.
WITH news AS MATERIALIZED (
    SELECT * FROM unnest($2::uuid[], $3::smallint[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
                         $7::timestamptz[], $8::text[], $9::text[], $10::integer[], $11::bytea[])
           AS row (id, status, sent_at, delivered_at, read_at, failed_at, provider_message_id, error_code,
                   provider_error, provider_key)
), old AS (
    SELECT id, status, sent_at, delivered_at, read_at, error_code FROM messages
     WHERE workspace_id = $1 AND id = ANY ($2::uuid[]) AND direction = 1
     ORDER BY id FOR UPDATE
), settled AS (
    DELETE FROM outbox
     WHERE workspace_id = $1 AND message_id = ANY ($2::uuid[])
       AND message_id IN (SELECT id FROM news WHERE status >= 30)
), remembered AS (
    INSERT INTO message_ledger (workspace_id, provider_key, message_id)
    SELECT $1, news.provider_key, news.id FROM news JOIN old ON old.id = news.id
     WHERE news.provider_key IS NOT NULL
     ORDER BY news.provider_key
    ON CONFLICT (workspace_id, provider_key) DO NOTHING
)
UPDATE messages AS message
   SET status = CASE
           WHEN news.status = 90 THEN CASE WHEN old.status < 40 THEN 90 ELSE old.status END
           WHEN old.status IN (90, 95) THEN CASE WHEN news.status >= 40 THEN news.status ELSE old.status END
           ELSE greatest(old.status, news.status) END,
       sent_at = least(message.sent_at, news.sent_at),
       delivered_at = least(message.delivered_at, news.delivered_at),
       read_at = least(message.read_at, news.read_at),
       failed_at = CASE WHEN news.status = 90 AND old.status < 40 THEN coalesce(message.failed_at, news.failed_at)
                        ELSE message.failed_at END,
       provider_message_id = coalesce(message.provider_message_id, news.provider_message_id),
       error_code = CASE WHEN news.status = 90 AND old.status < 40 THEN news.error_code
                         WHEN news.status >= 40 AND news.status < 90 THEN NULL ELSE message.error_code END,
       provider_error = CASE WHEN news.status = 90 AND old.status < 40 THEN news.provider_error
                             ELSE message.provider_error END
  FROM old JOIN news ON news.id = old.id
 WHERE message.workspace_id = $1 AND message.id = ANY ($2::uuid[]) AND message.id = old.id
RETURNING message.id, message.contact_id, message.campaign_id, old.status AS old_status, message.status AS new_status,
          (old.sent_at IS NULL AND message.sent_at IS NOT NULL)::int AS accepted,
          (old.delivered_at IS NULL AND message.delivered_at IS NOT NULL)::int AS delivered,
          (old.read_at IS NULL AND message.read_at IS NOT NULL)::int AS read,
          message.error_code, old.error_code AS old_error_code;

-- remember_provider_ids --
-- The ledger from provider ids to ours; it also remembers inbound messages for ever.
INSERT INTO message_ledger (workspace_id, provider_key, message_id)
SELECT $1, row.provider_key, row.message_id FROM unnest($2::bytea[], $3::uuid[]) AS row (provider_key, message_id)
ON CONFLICT (workspace_id, provider_key) DO NOTHING
RETURNING provider_key;

-- resolve_provider_ids --
-- Find our ids by the provider's.
SELECT provider_key, message_id FROM message_ledger
 WHERE workspace_id = $1 AND provider_key = ANY ($2::bytea[]);

-- lane_backlog --
-- Count queued bulk messages of a number, up to a bound.
SELECT count(*) FROM (
    SELECT 1 FROM outbox WHERE workspace_id = $1 AND number_id = $2 AND lane = 1 AND state = 0 LIMIT $3) AS queued;

-- hold_campaign --
-- A paused campaign's queued messages wait.
UPDATE outbox SET state = 3 WHERE workspace_id = $1 AND campaign_id = $2 AND state = 0;

-- release_campaign --
-- A resumed campaign's waiting messages are queued again.
UPDATE outbox SET state = 0 WHERE workspace_id = $1 AND campaign_id = $2 AND state = 3;

-- cancel_campaign_outbox --
-- A cancelled campaign's unsent messages leave the queue.
DELETE FROM outbox WHERE workspace_id = $1 AND campaign_id = $2 AND state IN (0, 3) RETURNING message_id;

-- cancel_contact_outbox --
-- A person who opted out gets none of the bulk and marketing messages still waiting. They are found by the person's
-- messages, because one more index on the queue would slow every send.
DELETE FROM outbox
 WHERE workspace_id = $1 AND (lane = 1 OR marketing) AND state IN (0, 3)
   AND message_id = ANY (ARRAY(SELECT id FROM messages
                                WHERE workspace_id = $1 AND contact_id = $2 AND direction = 1))
RETURNING message_id;

-- cancel_messages --
-- Show unsent messages as cancelled.
UPDATE messages SET status = 95, failed_at = now(), error_code = $3
 WHERE workspace_id = $1 AND id = ANY ($2::uuid[]) AND status < 30
RETURNING id, contact_id, campaign_id;

-- count_unsettled --
-- How many messages of a campaign still wait or are on the wire, and how many are in doubt.
SELECT count(*) FILTER (WHERE state IN (0, 1, 3)) AS waiting, count(*) FILTER (WHERE state = 2) AS in_doubt
  FROM outbox WHERE workspace_id = $1 AND campaign_id = $2;

-- open_conversations --
-- One thread per person and number: make the missing ones, reopen resolved ones, move the window and the preview. News
-- about a person that they did not write themselves (no wrote_at) opens no window.
INSERT INTO conversations AS thread (workspace_id, id, contact_id, number_id, unread_count, window_closes_at,
                                     waiting_since, last_message_at, preview)
SELECT $1, row.id, row.contact_id, row.number_id, row.unread, row.wrote_at + interval '24 hours', row.wrote_at, row.at,
       row.preview
  FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::timestamptz[], $7::text[], $8::timestamptz[])
       AS row (id, contact_id, number_id, unread, at, preview, wrote_at)
ON CONFLICT (workspace_id, number_id, contact_id) DO UPDATE
   SET unread_count = thread.unread_count + excluded.unread_count,
       window_closes_at = greatest(thread.window_closes_at, excluded.window_closes_at),
       waiting_since = coalesce(thread.waiting_since, excluded.waiting_since),
       last_message_at = greatest(thread.last_message_at, excluded.last_message_at),
       preview = CASE WHEN excluded.last_message_at >= thread.last_message_at THEN excluded.preview
                      ELSE thread.preview END,
       status = CASE WHEN thread.status IN ('resolved', 'snoozed') THEN 'open' ELSE thread.status END,
       updated_at = now()
RETURNING thread.id, thread.contact_id, thread.number_id;

-- insert_echoes --
-- Store what the owner sent from the phone app.
INSERT INTO messages (workspace_id, id, contact_id, number_id, conversation_id, direction, origin, status, kind, body,
                      content, provider_message_id, created_at, sent_at)
SELECT $1, row.id, row.contact_id, row.number_id, row.conversation_id, 1, 5, 35, row.kind, row.body, row.content,
       row.provider_message_id, now(), row.at
  FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::jsonb[], $9::text[],
              $10::timestamptz[])
       AS row (id, contact_id, number_id, conversation_id, kind, body, content, provider_message_id, at);

-- answer_conversation --
-- The thread of a person whom the owner answered elsewhere, made when missing.
INSERT INTO conversations AS thread (workspace_id, id, contact_id, number_id, last_message_at, preview)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (workspace_id, number_id, contact_id) DO UPDATE
   SET last_message_at = greatest(thread.last_message_at, excluded.last_message_at),
       preview = CASE WHEN excluded.last_message_at >= thread.last_message_at THEN excluded.preview
                      ELSE thread.preview END,
       waiting_since = CASE WHEN excluded.last_message_at >= thread.waiting_since THEN NULL ELSE thread.waiting_since END,
       unread_count = CASE WHEN excluded.last_message_at >= thread.last_message_at THEN 0 ELSE thread.unread_count END,
       updated_at = now()
RETURNING thread.id;

-- edit_message --
-- The newest edit by the provider's time stands; a deleted message stays deleted.
UPDATE messages SET body = $3, content = content || jsonb_build_object('edited', jsonb_build_object(
           'at', $4::timestamptz, 'content', $5::jsonb))
 WHERE workspace_id = $1 AND id = $2 AND NOT content ? 'revoked_at'
   AND coalesce((content -> 'edited' ->> 'at')::timestamptz < $4, true)
RETURNING id, contact_id, conversation_id;

-- revoke_message --
UPDATE messages SET body = '', content = jsonb_build_object('revoked_at', $3::timestamptz)
 WHERE workspace_id = $1 AND id = $2 AND NOT content ? 'revoked_at'
RETURNING id, contact_id, conversation_id;

-- refresh_preview --
-- The list of conversations shows the last message as it is now.
UPDATE conversations AS thread SET preview = $4, updated_at = now()
 WHERE thread.workspace_id = $1 AND thread.id = $2
   AND NOT EXISTS (SELECT 1 FROM messages
                    WHERE workspace_id = $1 AND contact_id = thread.contact_id AND id > $3 AND conversation_id = $2);

-- join_conversations --
-- Two people turned out to be one: threads on the same number become one thread. Answers which was joined into which.
WITH pair AS (
    SELECT kept.id AS kept_id, lost.id AS lost_id, lost.unread_count, lost.window_closes_at, lost.waiting_since,
           lost.last_message_at, lost.preview
      FROM conversations AS lost
      JOIN conversations AS kept
        ON kept.workspace_id = $1 AND kept.number_id = lost.number_id AND kept.contact_id = $3
     WHERE lost.workspace_id = $1 AND lost.contact_id = $2
       FOR UPDATE
)
UPDATE conversations AS thread
   SET unread_count = thread.unread_count + pair.unread_count,
       window_closes_at = greatest(thread.window_closes_at, pair.window_closes_at),
       waiting_since = least(thread.waiting_since, pair.waiting_since),
       preview = CASE WHEN pair.last_message_at > thread.last_message_at THEN pair.preview ELSE thread.preview END,
       last_message_at = greatest(thread.last_message_at, pair.last_message_at),
       updated_at = now()
  FROM pair
 WHERE thread.workspace_id = $1 AND thread.id = pair.kept_id
RETURNING pair.lost_id, pair.kept_id;

-- move_messages --
UPDATE messages
   SET contact_id = $3,
       conversation_id = coalesce((SELECT joined.kept_id FROM unnest($4::uuid[], $5::uuid[]) AS joined (lost_id, kept_id)
                                    WHERE joined.lost_id = messages.conversation_id), conversation_id)
 WHERE workspace_id = $1 AND contact_id = $2;

-- drop_conversations --
DELETE FROM conversations WHERE workspace_id = $1 AND id = ANY ($2::uuid[]);

-- move_conversations --
UPDATE conversations SET contact_id = $3, updated_at = now() WHERE workspace_id = $1 AND contact_id = $2;

-- move_outbox --
UPDATE outbox SET contact_id = $3 WHERE workspace_id = $1 AND contact_id = $2;

-- evict_lanes --
-- Whoever sends for these numbers loses the lane at once: it can commit no intent any more.
UPDATE send_lanes SET owner = NULL, fencing = fencing + 1, lease_until = '-infinity', wake_at = now()
 WHERE workspace_id = $1 AND number_id = ANY ($2::uuid[]);

-- insert_inbound --
-- Store received messages.
INSERT INTO messages (workspace_id, id, contact_id, number_id, conversation_id, direction, origin, status, kind, body,
                      content, provider_message_id, reply_to, created_at, sent_at)
SELECT $1, row.id, row.contact_id, row.number_id, row.conversation_id, 0, 0, 0, row.kind, row.body, row.content,
       row.provider_message_id, row.reply_to, now(), row.at
  FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::jsonb[], $9::text[],
              $10::text[], $11::timestamptz[])
       AS row (id, contact_id, number_id, conversation_id, kind, body, content, provider_message_id, reply_to, at);

-- answered_campaigns --
-- For people who wrote or chose: the campaign of the last campaign message that reached them since $3.
SELECT person.contact_id, latest.campaign_id
  FROM unnest($2::uuid[]) AS person (contact_id)
 CROSS JOIN LATERAL (
       SELECT campaign_id FROM messages
        WHERE workspace_id = $1 AND contact_id = person.contact_id AND id >= $3 AND direction = 1
          AND campaign_id IS NOT NULL AND status >= 30 AND status < 90
        ORDER BY id DESC LIMIT 1) AS latest;

-- find_conversation --
SELECT id, window_closes_at FROM conversations
 WHERE workspace_id = $1 AND number_id = $2 AND contact_id = $3;

-- start_conversation --
-- The thread of a person on a number, made when missing, for a message that goes out.
INSERT INTO conversations AS thread (workspace_id, id, contact_id, number_id, last_message_at, preview)
VALUES ($1, $2, $3, $4, now(), $5)
ON CONFLICT (workspace_id, number_id, contact_id) DO UPDATE
   SET last_message_at = now(), preview = excluded.preview, waiting_since = NULL, unread_count = 0, updated_at = now()
RETURNING thread.id;

-- list_conversations --
-- Reviewed exception: a page of threads shows names; one round trip instead of fifty.
-- Newest first.
SELECT thread.id, thread.contact_id, thread.number_id, contact.name AS contact_name, contact.phone AS contact_phone,
       thread.status, thread.unread_count, thread.window_closes_at, thread.last_message_at, thread.preview
  FROM conversations AS thread
  JOIN contacts AS contact ON contact.workspace_id = $1 AND contact.id = thread.contact_id
 WHERE thread.workspace_id = $1
   AND ($2::timestamptz IS NULL OR (thread.last_message_at, thread.id) < ($2, $3::uuid))
 ORDER BY thread.last_message_at DESC, thread.id DESC
 LIMIT $4;

-- get_conversation --
-- Reviewed exception: the same columns as the list of threads.
SELECT thread.id, thread.contact_id, thread.number_id, contact.name AS contact_name, contact.phone AS contact_phone,
       thread.status, thread.unread_count, thread.window_closes_at, thread.last_message_at, thread.preview
  FROM conversations AS thread
  JOIN contacts AS contact ON contact.workspace_id = $1 AND contact.id = thread.contact_id
 WHERE thread.workspace_id = $1 AND thread.id = $2;

-- list_thread --
-- A person's messages, newest first, whichever conversation they belong to.
SELECT id, contact_id, number_id, conversation_id, campaign_id, direction, origin, status, kind, body,
       content::text AS content, author_id, reply_to, client_reference, error_code, provider_error, provider_message_id,
       created_at, sent_at, delivered_at, read_at, failed_at
  FROM messages
 WHERE workspace_id = $1 AND contact_id = $2 AND ($3::uuid IS NULL OR id < $3)
 ORDER BY id DESC
 LIMIT $4;

-- get_message --
SELECT id, contact_id, number_id, conversation_id, campaign_id, direction, origin, status, kind, body,
       content::text AS content, author_id, reply_to, client_reference, error_code, provider_error, provider_message_id,
       created_at, sent_at, delivered_at, read_at, failed_at
  FROM messages WHERE workspace_id = $1 AND id = $2;

-- list_messages --
-- Messages of the workspace, newest first. $2 is the id to start below, $3 and $4 bound the ids by time.
SELECT id, contact_id, number_id, conversation_id, campaign_id, direction, origin, status, kind, body,
       content::text AS content, author_id, reply_to, client_reference, error_code, provider_error, provider_message_id,
       created_at, sent_at, delivered_at, read_at, failed_at
  FROM messages
 WHERE workspace_id = $1
   AND ($2::uuid IS NULL OR id < $2) AND ($3::uuid IS NULL OR id >= $3) AND ($4::uuid IS NULL OR id < $4)
   AND ($5::uuid IS NULL OR contact_id = $5) AND ($6::uuid IS NULL OR number_id = $6)
   AND ($7::smallint IS NULL OR direction = $7) AND ($8::smallint[] IS NULL OR status = ANY ($8))
   AND ($9::smallint IS NULL OR origin = $9)
 ORDER BY id DESC
 LIMIT $10;

-- workspace_locale --
-- Reviewed exception: the language that answers of the workspace itself are written in.
SELECT locale FROM workspaces WHERE id = $1;

-- mark_read_here --
-- The message and all older ones of its conversation count as read; what came after it does not.
WITH seen AS (
    UPDATE messages SET read_at = coalesce(read_at, $3)
     WHERE workspace_id = $1 AND id = $2
    RETURNING contact_id, conversation_id
)
UPDATE conversations AS thread
   SET unread_count = least(thread.unread_count, (
           SELECT count(*) FROM messages
            WHERE messages.workspace_id = $1 AND messages.contact_id = seen.contact_id AND messages.id > $2
              AND messages.direction = 0 AND messages.conversation_id = thread.id)),
       updated_at = now()
  FROM seen
 WHERE thread.workspace_id = $1 AND thread.id = seen.conversation_id
RETURNING thread.id, thread.unread_count;
