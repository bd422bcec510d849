-- get_limits --
-- Reviewed exception: a workspace names its plan and its time zone, and stands above billing.
-- The plan's limits, and today's and this month's first day in the workspace's own zone.
SELECT plan.messages_per_day, plan.messages_per_month, plan.numbers, plan.contacts, plan.campaigns,
       workspaces.subscription_status,
       ($2::timestamptz AT TIME ZONE workspaces.timezone)::date AS today,
       date_trunc('month', $2::timestamptz AT TIME ZONE workspaces.timezone)::date AS month
  FROM workspaces JOIN plans AS plan ON plan.id = workspaces.plan_id
 WHERE workspaces.id = $1;

-- reserve --
-- Take from what is left of a period; no row comes back when there is not enough. One statement, so that two takers
-- of the last unit cannot both have it.
INSERT INTO usage_counters AS counter (workspace_id, kind, period, starts_on, reserved)
SELECT $1, 'message', $2, $3, $4::bigint WHERE $4 <= $5::bigint
ON CONFLICT (workspace_id, kind, period, starts_on) DO UPDATE
   SET reserved = counter.reserved + excluded.reserved
 WHERE counter.reserved + counter.used + excluded.reserved <= $5::bigint
RETURNING reserved;

-- release --
UPDATE usage_counters SET reserved = greatest(0, reserved - $4::bigint)
 WHERE workspace_id = $1 AND kind = 'message' AND period = $2 AND starts_on = $3;

-- commit --
-- Reviewed exception: a workspace names its time zone, and stands above billing.
-- Messages were accepted by the provider: used instead of reserved, this month and today, and noted in the usage log.
-- The month comes first, as everywhere, so that two writers never wait for each other. The log holds the days with the
-- quantity, so that a recount finds the same periods after the time zone has changed.
WITH due AS (
    SELECT ($3::timestamptz AT TIME ZONE timezone)::date AS day,
           date_trunc('month', $3::timestamptz AT TIME ZONE timezone)::date AS month
      FROM workspaces WHERE id = $1
), counted AS (
    INSERT INTO usage_counters AS counter (workspace_id, kind, period, starts_on, used)
    SELECT $1, 'message', place.period, place.starts_on, $2::bigint
      FROM due, LATERAL (VALUES ('month', due.month), ('day', due.day)) AS place (period, starts_on)
     ORDER BY place.period DESC
    ON CONFLICT (workspace_id, kind, period, starts_on) DO UPDATE
       SET used = counter.used + excluded.used, reserved = greatest(0, counter.reserved - excluded.used)
)
INSERT INTO usage_logs (workspace_id, id, kind, quantity, metadata)
SELECT $1, $4, 'message', $2, jsonb_build_object('day', due.day, 'month', due.month) FROM due;

-- get_counter --
SELECT reserved, used FROM usage_counters
 WHERE workspace_id = $1 AND kind = 'message' AND period = $2 AND starts_on = $3;

-- recount_usage --
-- Reviewed exception: rows from before the log named its days are placed by the workspace's time zone.
-- One statement, so one snapshot: a commit in flight moves both sides or neither.
WITH logged AS (
    SELECT quantity,
           COALESCE((metadata ->> 'day')::date, (usage_logs.created_at AT TIME ZONE workspaces.timezone)::date) AS day,
           COALESCE((metadata ->> 'month')::date,
                    date_trunc('month', usage_logs.created_at AT TIME ZONE workspaces.timezone)::date) AS month
      FROM usage_logs JOIN workspaces ON workspaces.id = usage_logs.workspace_id
     WHERE usage_logs.workspace_id = $1 AND kind = 'message'
), counted AS (
    SELECT 'day' AS period, day AS starts_on, sum(quantity)::bigint AS used FROM logged GROUP BY day
    UNION ALL
    SELECT 'month', month, sum(quantity)::bigint FROM logged GROUP BY month
), stored AS (
    SELECT period, starts_on, used FROM usage_counters WHERE workspace_id = $1 AND kind = 'message'
)
SELECT period, starts_on, COALESCE(stored.used, 0) AS stored, COALESCE(counted.used, 0) AS counted
  FROM stored FULL JOIN counted USING (period, starts_on)
 ORDER BY period, starts_on;
