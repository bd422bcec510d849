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
-- The month comes first, as everywhere, so that two writers never wait for each other.
WITH counted AS (
    INSERT INTO usage_counters AS counter (workspace_id, kind, period, starts_on, used)
    SELECT $1, 'message', due.period, due.starts_on, $2::bigint
      FROM workspaces,
           LATERAL (VALUES ('month', date_trunc('month', $3::timestamptz AT TIME ZONE workspaces.timezone)::date),
                           ('day', ($3::timestamptz AT TIME ZONE workspaces.timezone)::date)) AS due (period, starts_on)
     WHERE workspaces.id = $1
     ORDER BY due.period DESC
    ON CONFLICT (workspace_id, kind, period, starts_on) DO UPDATE
       SET used = counter.used + excluded.used, reserved = greatest(0, counter.reserved - excluded.used)
)
INSERT INTO usage_logs (workspace_id, id, kind, quantity) VALUES ($1, $4, 'message', $2);

-- get_counter --
SELECT reserved, used FROM usage_counters
 WHERE workspace_id = $1 AND kind = 'message' AND period = $2 AND starts_on = $3;
