-- Invites to a workspace. The link's token is found through one_time_tokens before its workspace is known.
CREATE TABLE invites (
    workspace_id bigint NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    email        text NOT NULL CHECK (length(email) BETWEEN 3 AND 254 AND email = lower(email)),
    role         text NOT NULL,
    invited_by   uuid,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    accepted_at  timestamptz,
    accepted_by  uuid,
    revoked_at   timestamptz,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX invites_open_key ON invites (workspace_id, email) WHERE accepted_at IS NULL AND revoked_at IS NULL;
ALTER TABLE one_time_tokens ADD COLUMN invite_id uuid;
