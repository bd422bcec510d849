-- News from the provider may come late, twice and in any order: the newest by the provider's own time wins, per fact.
ALTER TABLE templates
    ADD COLUMN status_at timestamptz,
    ADD COLUMN quality_at timestamptz,
    ADD COLUMN category_at timestamptz;
ALTER TABLE channel_accounts
    ADD COLUMN state_at timestamptz,
    ADD COLUMN limit_at timestamptz;
ALTER TABLE numbers
    ADD COLUMN quality_at timestamptz;
-- When a person said so, by the provider's clock; empty for what people record here.
ALTER TABLE consents
    ADD COLUMN occurred_at timestamptz;
