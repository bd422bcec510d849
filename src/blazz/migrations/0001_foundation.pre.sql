-- The first schema: identity, workspaces, billing, contacts, channels, templates, inbox, campaigns, events, audit.
-- Tenant tables get their row policies from the runner, which reads the manifest (see manifest.py).

-- Platform tables (local) ---------------------------------------------------------------------------------------------

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    email         text NOT NULL CHECK (length(email) BETWEEN 3 AND 254 AND email = lower(email)),
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    password_hash text,
    locale        text NOT NULL DEFAULT 'id' CHECK (locale IN ('id', 'en')),
    timezone      text NOT NULL DEFAULT 'UTC',
    is_operator   boolean NOT NULL DEFAULT false,
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email_key UNIQUE (email)
);

CREATE TABLE sessions (
    token_digest bytea PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    csrf_token   text NOT NULL,
    user_agent   text NOT NULL DEFAULT '',
    ip           text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    seen_at      timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL
);
CREATE INDEX sessions_user_idx ON sessions (user_id);

CREATE TABLE one_time_tokens (
    token_digest bytea PRIMARY KEY,
    purpose      text NOT NULL CHECK (purpose IN ('setup', 'sign_in', 'invite', 'reset')),
    email        text,
    user_id      uuid REFERENCES users (id) ON DELETE CASCADE,
    workspace_id bigint,
    role         text,
    created_by   uuid,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz
);

CREATE TABLE rate_limits (
    bucket     text PRIMARY KEY,
    tokens     double precision NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE plans (
    id                 text PRIMARY KEY,
    name               text NOT NULL,
    messages_per_day   bigint NOT NULL,
    messages_per_month bigint NOT NULL,
    ai_requests_per_day bigint NOT NULL,
    numbers            bigint NOT NULL,
    contacts           bigint NOT NULL,
    campaigns          bigint NOT NULL
);
INSERT INTO plans VALUES
    ('trial',        'Trial',        1000,     30000,     100,   1,     10000,      50),
    ('starter',      'Starter',      10000,    200000,    500,   2,     50000,      200),
    ('pro',          'Pro',          100000,   2000000,   5000,  10,    500000,     2000),
    ('enterprise',   'Enterprise',   5000000,  100000000, 50000, 100,   10000000,   100000),
    ('self_hosted',  'Self-hosted',  1000000000, 1000000000, 1000000000, 100000, 1000000000, 1000000000);

CREATE TABLE workspaces (
    id                  bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    public_id           uuid NOT NULL UNIQUE,
    name                text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    country             text NOT NULL DEFAULT 'ID' CHECK (country ~ '^[A-Z]{2}$'),
    timezone            text NOT NULL DEFAULT 'Asia/Jakarta',
    locale              text NOT NULL DEFAULT 'id' CHECK (locale IN ('id', 'en')),
    plan_id             text NOT NULL DEFAULT 'trial' REFERENCES plans (id),
    subscription_status text NOT NULL DEFAULT 'active'
        CHECK (subscription_status IN ('trialing', 'active', 'past_due', 'grace', 'suspended', 'cancelled', 'expired')),
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    deleted_at          timestamptz,
    deleted_by          uuid
);

CREATE TABLE api_key_lookup (
    key_digest   bytea PRIMARY KEY,
    workspace_id bigint NOT NULL,
    key_id       uuid NOT NULL
);

CREATE TABLE number_routes (
    provider           text NOT NULL,
    provider_number_id text NOT NULL,
    workspace_id       bigint NOT NULL,
    number_id          uuid NOT NULL,
    provider_account_id text NOT NULL,
    account_id         uuid NOT NULL,
    PRIMARY KEY (provider, provider_number_id)
);
CREATE INDEX number_routes_account_idx ON number_routes (provider, provider_account_id);

CREATE TABLE webhook_deliveries (
    id          uuid PRIMARY KEY,
    provider    text NOT NULL,
    body        bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    not_before  timestamptz NOT NULL DEFAULT now(),
    attempts    smallint NOT NULL DEFAULT 0,
    problem     text
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE send_lanes (
    workspace_id  bigint NOT NULL,
    number_id     uuid NOT NULL,
    owner         uuid,
    fencing       bigint NOT NULL DEFAULT 0,
    lease_until   timestamptz NOT NULL DEFAULT '-infinity',
    wake_at       timestamptz NOT NULL DEFAULT now(),
    served_at     timestamptz NOT NULL DEFAULT '-infinity',
    held_until    timestamptz NOT NULL DEFAULT '-infinity',
    held_reason   text,
    PRIMARY KEY (workspace_id, number_id)
) WITH (fillfactor = 50);

CREATE TABLE processes (
    id           uuid PRIMARY KEY,
    name         text NOT NULL,
    host         text NOT NULL,
    pid          integer NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now()
);

-- Workspaces (tenant) -------------------------------------------------------------------------------------------------

CREATE TABLE members (
    workspace_id bigint NOT NULL REFERENCES workspaces (id),
    user_id      uuid NOT NULL,
    role         text NOT NULL
        CHECK (role IN ('owner', 'admin', 'supervisor', 'agent', 'marketer', 'developer', 'viewer')),
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX members_user_idx ON members (user_id, workspace_id);

CREATE TABLE api_keys (
    workspace_id bigint NOT NULL REFERENCES workspaces (id),
    id           uuid NOT NULL,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    hint         text NOT NULL,
    is_test      boolean NOT NULL DEFAULT false,
    scopes       text[] NOT NULL,
    created_by   uuid,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    used_at      timestamptz,
    revoked_at   timestamptz,
    PRIMARY KEY (workspace_id, id)
);

CREATE TABLE idempotency_keys (
    workspace_id bigint NOT NULL,
    key          text NOT NULL CHECK (length(key) <= 255),
    fingerprint  bytea NOT NULL,
    status       smallint,
    body         bytea,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, key)
);
CREATE INDEX idempotency_keys_age_idx ON idempotency_keys USING brin (created_at);

-- Billing (tenant) ----------------------------------------------------------------------------------------------------

CREATE TABLE usage_counters (
    workspace_id bigint NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('message', 'ai_request', 'api_call')),
    period       text NOT NULL CHECK (period IN ('day', 'month')),
    starts_on    date NOT NULL,
    reserved     bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    used         bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    PRIMARY KEY (workspace_id, kind, period, starts_on)
) WITH (fillfactor = 50);

CREATE TABLE usage_logs (
    workspace_id bigint NOT NULL,
    id           uuid NOT NULL,
    kind         text NOT NULL,
    quantity     bigint NOT NULL DEFAULT 1,
    metadata     jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, id)
) PARTITION BY RANGE (id);

-- Contacts (tenant) ---------------------------------------------------------------------------------------------------

CREATE TABLE categories (
    workspace_id  bigint NOT NULL REFERENCES workspaces (id),
    id            uuid NOT NULL,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    description   text CHECK (length(description) <= 65535),
    contact_count bigint NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX categories_name_key ON categories (workspace_id, lower(name));

CREATE TABLE contact_groups (
    workspace_id  bigint NOT NULL REFERENCES workspaces (id),
    id            uuid NOT NULL,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    description   text CHECK (length(description) <= 65535),
    contact_count bigint NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX contact_groups_name_key ON contact_groups (workspace_id, lower(name));

CREATE TABLE contacts (
    workspace_id      bigint NOT NULL,
    id                uuid NOT NULL,
    name              text NOT NULL DEFAULT '',
    phone             text,
    original_number   text,
    email             text,
    city              text,
    company           text,
    external_id       text,
    notes             text,
    attributes        jsonb NOT NULL DEFAULT '{}',
    category_id       uuid,
    opted_out_at      timestamptz,
    unreachable_at    timestamptz,
    last_message_at   timestamptz,
    last_inbound_at   timestamptz,
    last_message_preview text,
    import_id         uuid,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    deleted_at        timestamptz,
    created_by        uuid,
    deleted_by        uuid,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, category_id) REFERENCES categories (workspace_id, id)
) WITH (fillfactor = 90);
CREATE INDEX contacts_category_idx ON contacts (workspace_id, category_id, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_recent_idx ON contacts (workspace_id, last_message_at DESC, id DESC)
    WHERE last_message_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX contacts_import_idx ON contacts (workspace_id, import_id) WHERE import_id IS NOT NULL;

CREATE TABLE contact_identities (
    workspace_id bigint NOT NULL,
    kind         text NOT NULL
        CHECK (kind IN ('phone', 'wa_id', 'lid', 'bsuid', 'username', 'email', 'visitor', 'external')),
    scope        text NOT NULL DEFAULT '',
    value        text NOT NULL CHECK (length(value) BETWEEN 1 AND 320),
    contact_id   uuid NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, kind, scope, value),
    FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_identities_contact_idx ON contact_identities (workspace_id, contact_id);

CREATE TABLE contact_group_members (
    workspace_id bigint NOT NULL,
    group_id     uuid NOT NULL,
    contact_id   uuid NOT NULL,
    added_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, group_id, contact_id),
    FOREIGN KEY (workspace_id, group_id) REFERENCES contact_groups (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_group_members_contact_idx ON contact_group_members (workspace_id, contact_id);

CREATE TABLE consents (
    workspace_id bigint NOT NULL,
    id           uuid NOT NULL,
    contact_id   uuid NOT NULL,
    purpose      text NOT NULL DEFAULT 'marketing' CHECK (purpose IN ('marketing', 'utility')),
    state        text NOT NULL CHECK (state IN ('granted', 'withdrawn')),
    source       text NOT NULL,
    detail       text,
    recorded_by  uuid,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX consents_contact_idx ON consents (workspace_id, contact_id, id DESC);

CREATE TABLE contact_imports (
    workspace_id  bigint NOT NULL,
    id            uuid NOT NULL,
    file_name     text NOT NULL,
    file_bytes    bigint NOT NULL,
    storage_key   text NOT NULL,
    status        text NOT NULL CHECK (status IN
        ('uploaded', 'checking', 'checked', 'queued', 'running', 'completed', 'cancelling', 'cancelled', 'failed',
         'undoing', 'undone')),
    dry_run       boolean NOT NULL DEFAULT false,
    options       jsonb NOT NULL,
    file_format   jsonb NOT NULL DEFAULT '{}',
    checkpoint    bigint NOT NULL DEFAULT 0,
    counts        jsonb NOT NULL DEFAULT '{}',
    problem       text,
    created_by    uuid,
    created_at    timestamptz NOT NULL DEFAULT now(),
    started_at    timestamptz,
    finished_at   timestamptz,
    undo_until    timestamptz,
    PRIMARY KEY (workspace_id, id)
);

CREATE TABLE contact_import_rows (
    workspace_id bigint NOT NULL,
    import_id    uuid NOT NULL,
    row_number   bigint NOT NULL,
    outcome      text NOT NULL CHECK (outcome IN ('created', 'updated', 'unchanged', 'duplicate', 'invalid')),
    code         text,
    cells        jsonb,
    contact_id   uuid,
    before       jsonb,
    PRIMARY KEY (workspace_id, import_id, row_number)
);

CREATE TABLE contact_merges (
    workspace_id bigint NOT NULL,
    id           uuid NOT NULL,
    winner_id    uuid NOT NULL,
    loser_id     uuid NOT NULL,
    before       jsonb NOT NULL,
    merged_by    uuid,
    created_at   timestamptz NOT NULL DEFAULT now(),
    undone_at    timestamptz,
    PRIMARY KEY (workspace_id, id)
);

-- Channels (tenant) ---------------------------------------------------------------------------------------------------

CREATE TABLE channel_accounts (
    workspace_id        bigint NOT NULL REFERENCES workspaces (id),
    id                  uuid NOT NULL,
    provider            text NOT NULL CHECK (provider IN ('meta_cloud', 'whatsmeow', 'livechat')),
    provider_account_id text NOT NULL,
    name                text NOT NULL,
    base_url            text,
    credentials         bytea NOT NULL,
    unknown_outcome     text NOT NULL DEFAULT 'hold' CHECK (unknown_outcome IN ('hold', 'resend_after_silence')),
    messaging_limit     bigint,
    paused_reason       text,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, provider, provider_account_id)
);

CREATE TABLE numbers (
    workspace_id       bigint NOT NULL,
    id                 uuid NOT NULL,
    account_id         uuid NOT NULL,
    provider_number_id text NOT NULL,
    phone              text,
    display_name       text NOT NULL DEFAULT '',
    status             text NOT NULL DEFAULT 'connected'
        CHECK (status IN ('disconnected', 'connecting', 'connected', 'restricted', 'banned')),
    quality            text NOT NULL DEFAULT 'unknown',
    messages_per_second integer NOT NULL DEFAULT 80 CHECK (messages_per_second BETWEEN 1 AND 100000),
    pair_interval_seconds double precision NOT NULL DEFAULT 6,
    is_default         boolean NOT NULL DEFAULT false,
    is_test            boolean NOT NULL DEFAULT false,
    health_checked_at  timestamptz,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    deleted_at         timestamptz,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, provider_number_id),
    FOREIGN KEY (workspace_id, account_id) REFERENCES channel_accounts (workspace_id, id)
);

CREATE TABLE unmatched_statuses (
    workspace_id        bigint NOT NULL,
    id                  uuid NOT NULL,
    provider_message_id text NOT NULL,
    payload             jsonb NOT NULL,
    not_before          timestamptz NOT NULL DEFAULT now(),
    attempts            smallint NOT NULL DEFAULT 0,
    created_at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, id)
);

-- Templates (tenant) --------------------------------------------------------------------------------------------------

CREATE TABLE templates (
    workspace_id         bigint NOT NULL,
    id                   uuid NOT NULL,
    account_id           uuid NOT NULL,
    provider_template_id text,
    name                 text NOT NULL,
    language             text NOT NULL,
    category             text NOT NULL,
    status               text NOT NULL,
    quality              text NOT NULL DEFAULT 'UNKNOWN',
    rejection_reason     text,
    parameter_format     text NOT NULL DEFAULT 'POSITIONAL' CHECK (parameter_format IN ('POSITIONAL', 'NAMED')),
    components           jsonb NOT NULL,
    synced_at            timestamptz,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    deleted_at           timestamptz,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, account_id, name, language),
    FOREIGN KEY (workspace_id, account_id) REFERENCES channel_accounts (workspace_id, id)
);

-- Inbox (tenant) ------------------------------------------------------------------------------------------------------

CREATE TABLE conversations (
    workspace_id     bigint NOT NULL,
    id               uuid NOT NULL,
    contact_id       uuid NOT NULL,
    number_id        uuid NOT NULL,
    chat_type        text NOT NULL DEFAULT 'private' CHECK (chat_type IN ('private', 'group')),
    status           text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'pending', 'snoozed', 'resolved')),
    assignee_id      uuid,
    unread_count     integer NOT NULL DEFAULT 0,
    window_closes_at timestamptz,
    waiting_since    timestamptz,
    last_message_at  timestamptz NOT NULL DEFAULT now(),
    preview          text NOT NULL DEFAULT '',
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id),
    FOREIGN KEY (workspace_id, number_id) REFERENCES numbers (workspace_id, id)
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX conversations_person_key ON conversations (workspace_id, number_id, contact_id);
CREATE INDEX conversations_recent_idx ON conversations (workspace_id, last_message_at DESC, id DESC);

-- direction: 0 inbound, 1 outbound. origin: 0 customer, 1 agent, 2 campaign, 3 API, 4 automation, 5 phone app.
-- status: 0 received, 10 queued, 20 on the wire, 25 in doubt, 30 accepted, 35 sent, 40 delivered, 50 read, 55 played,
-- 90 failed, 95 cancelled. Mutable columns stay out of every index, so that updates are heap-only (rule P-20).
CREATE TABLE messages (
    workspace_id        bigint NOT NULL,
    id                  uuid NOT NULL,
    contact_id          uuid NOT NULL,
    number_id           uuid NOT NULL,
    conversation_id     uuid,
    campaign_id         uuid,
    direction           smallint NOT NULL CHECK (direction IN (0, 1)),
    origin              smallint NOT NULL,
    status              smallint NOT NULL,
    kind                text NOT NULL,
    body                text NOT NULL DEFAULT '',
    content             jsonb NOT NULL DEFAULT '{}',
    author_id           uuid,
    reply_to            text,
    client_reference    text,
    provider_message_id text,
    error_code          text,
    provider_error      integer,
    created_at          timestamptz NOT NULL DEFAULT now(),
    sent_at             timestamptz,
    delivered_at        timestamptz,
    read_at             timestamptz,
    failed_at           timestamptz,
    PRIMARY KEY (workspace_id, id)
) PARTITION BY RANGE (id);
CREATE INDEX messages_contact_idx ON messages (workspace_id, contact_id, id);

CREATE TABLE message_ledger (
    workspace_id bigint NOT NULL,
    provider_key bytea NOT NULL,
    message_id   uuid NOT NULL,
    PRIMARY KEY (workspace_id, provider_key)
) PARTITION BY HASH (workspace_id, provider_key);

-- lane: 0 interactive, 1 bulk. state: 0 queued, 1 on the wire, 2 in doubt, 3 held (its campaign is paused).
CREATE TABLE outbox (
    workspace_id bigint NOT NULL,
    message_id   uuid NOT NULL,
    number_id    uuid NOT NULL,
    contact_id   uuid NOT NULL,
    campaign_id  uuid,
    lane         smallint NOT NULL CHECK (lane IN (0, 1)),
    state        smallint NOT NULL DEFAULT 0,
    address      text NOT NULL,
    attempts     smallint NOT NULL DEFAULT 0,
    not_before   timestamptz NOT NULL DEFAULT '-infinity',
    on_wire_at   timestamptz,
    owner        uuid,
    fencing      bigint,
    reason       text,
    PRIMARY KEY (workspace_id, message_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX outbox_queue_idx ON outbox (workspace_id, number_id, lane, message_id) WHERE state = 0;
CREATE INDEX outbox_unsettled_idx ON outbox (workspace_id, on_wire_at) WHERE state IN (1, 2);
CREATE INDEX outbox_campaign_idx ON outbox (workspace_id, campaign_id) WHERE campaign_id IS NOT NULL;

-- Campaigns (tenant) --------------------------------------------------------------------------------------------------

CREATE TABLE campaigns (
    workspace_id     bigint NOT NULL,
    id               uuid NOT NULL,
    name             text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    number_id        uuid NOT NULL,
    template_id      uuid NOT NULL,
    status           text NOT NULL DEFAULT 'draft' CHECK (status IN
        ('draft', 'scheduled', 'preparing', 'running', 'paused', 'completing', 'completed', 'cancelled', 'failed')),
    audience         jsonb NOT NULL,
    variables        jsonb NOT NULL DEFAULT '{}',
    auto_pause       jsonb NOT NULL DEFAULT '{}',
    template_snapshot jsonb,
    scheduled_at     timestamptz,
    started_at       timestamptz,
    completed_at     timestamptz,
    paused_reason    text,
    feed_cursor      uuid,
    created_by       uuid,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    deleted_at       timestamptz,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, number_id) REFERENCES numbers (workspace_id, id),
    FOREIGN KEY (workspace_id, template_id) REFERENCES templates (workspace_id, id)
);
CREATE INDEX campaigns_list_idx ON campaigns (workspace_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX campaigns_active_idx ON campaigns (status, scheduled_at)
    WHERE status IN ('scheduled', 'preparing', 'running', 'completing');

-- state: 0 pending, 1 fed (its message tells the rest), 2 skipped, 3 cancelled.
CREATE TABLE campaign_recipients (
    workspace_id bigint NOT NULL,
    campaign_id  uuid NOT NULL,
    contact_id   uuid NOT NULL,
    state        smallint NOT NULL DEFAULT 0,
    address      text NOT NULL,
    skip_reason  text,
    message_id   uuid,
    attempts     smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, campaign_id, contact_id)
) PARTITION BY RANGE (campaign_id);

CREATE TABLE campaign_stats (
    workspace_id bigint NOT NULL,
    campaign_id  uuid NOT NULL,
    total        bigint NOT NULL DEFAULT 0,
    skipped      bigint NOT NULL DEFAULT 0,
    queued       bigint NOT NULL DEFAULT 0,
    accepted     bigint NOT NULL DEFAULT 0,
    delivered    bigint NOT NULL DEFAULT 0,
    read         bigint NOT NULL DEFAULT 0,
    replied      bigint NOT NULL DEFAULT 0,
    failed       bigint NOT NULL DEFAULT 0,
    cancelled    bigint NOT NULL DEFAULT 0,
    in_doubt     bigint NOT NULL DEFAULT 0,
    opted_out    bigint NOT NULL DEFAULT 0,
    failures     jsonb NOT NULL DEFAULT '{}',
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, campaign_id),
    FOREIGN KEY (workspace_id, campaign_id) REFERENCES campaigns (workspace_id, id)
) WITH (fillfactor = 50);

CREATE TABLE campaign_log (
    workspace_id bigint NOT NULL,
    id           uuid NOT NULL,
    campaign_id  uuid NOT NULL,
    action       text NOT NULL,
    reason       text,
    actor_id     uuid,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, campaign_id) REFERENCES campaigns (workspace_id, id)
);
CREATE INDEX campaign_log_campaign_idx ON campaign_log (workspace_id, campaign_id, id);

-- Events and audit (tenant) -------------------------------------------------------------------------------------------

CREATE TABLE events (
    workspace_id bigint NOT NULL,
    id           uuid NOT NULL,
    type         text NOT NULL,
    version      smallint NOT NULL DEFAULT 1,
    audience     text NOT NULL,
    payload      jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, id)
) PARTITION BY RANGE (id);

CREATE TABLE audit_logs (
    workspace_id bigint NOT NULL,
    id           uuid NOT NULL,
    action       text NOT NULL,
    actor_kind   text NOT NULL,
    actor_id     uuid,
    target       text NOT NULL DEFAULT '',
    before       jsonb,
    after        jsonb,
    request_id   text,
    ip           text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, id)
) PARTITION BY RANGE (id);
