-- A run of a job is counted before it begins, so that a job that kills its worker is found out (failure F-15). One that
-- was handed on to its next try never hands itself on again, whatever happens to its worker then.
CREATE TABLE job_starts (
    job_id     bigint PRIMARY KEY,
    name       text NOT NULL,
    starts     smallint NOT NULL DEFAULT 1,
    handed_on  boolean NOT NULL DEFAULT false,
    started_at timestamptz NOT NULL DEFAULT now()
);

-- Jobs that were given up, with what they were and why, until somebody lets them run again.
CREATE TABLE parked_jobs (
    id        uuid PRIMARY KEY,
    job_id    bigint NOT NULL UNIQUE,
    name      text NOT NULL,
    payload   bytea NOT NULL,
    reason    text NOT NULL CHECK (reason IN ('worker_died', 'failed')),
    detail    text NOT NULL DEFAULT '',
    parked_at timestamptz NOT NULL DEFAULT now()
);
