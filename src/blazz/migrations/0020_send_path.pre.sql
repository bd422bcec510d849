-- How often the provider put a message off (its waits grow with it), and whether an opt-out must stop it at any time.
ALTER TABLE outbox
    ADD COLUMN pushbacks smallint NOT NULL DEFAULT 0,
    ADD COLUMN marketing boolean NOT NULL DEFAULT false;

-- Replies and opt-outs leave a trace per recipient, so that a recount can check every counter of a campaign.
ALTER TABLE campaign_recipients
    ADD COLUMN replied_at timestamptz,
    ADD COLUMN opted_out_at timestamptz;
