-- Campaigns: when the audience was frozen, what was reserved of the quota, and how many people have no message yet.

ALTER TABLE campaigns
    ADD COLUMN prepared_at timestamptz,
    ADD COLUMN reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0);

ALTER TABLE campaign_stats
    ADD COLUMN pending bigint NOT NULL DEFAULT 0;
