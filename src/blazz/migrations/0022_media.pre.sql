-- Files people send and receive. Bytes lie in the file store under storage_key; a received file waits until it is fetched.
CREATE TABLE media (
    workspace_id      bigint NOT NULL,
    id                uuid NOT NULL,
    kind              text NOT NULL CHECK (kind IN ('image', 'video', 'audio', 'document', 'sticker')),
    state             text NOT NULL CHECK (state IN ('waiting', 'stored', 'failed')),
    mime_type         text NOT NULL DEFAULT 'application/octet-stream',
    file_name         text NOT NULL DEFAULT '',
    size_bytes        bigint,
    sha256            bytea,
    storage_key       text,
    failure           text,
    message_id        uuid,
    number_id         uuid,
    provider_media_id text,
    created_by        uuid,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, id)
);

-- What the provider calls a file, per number that sends it, until it forgets it.
CREATE TABLE media_uploads (
    workspace_id      bigint NOT NULL,
    media_id          uuid NOT NULL,
    number_id         uuid NOT NULL,
    provider_media_id text,
    expires_at        timestamptz,
    failure           text,
    updated_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, media_id, number_id),
    FOREIGN KEY (workspace_id, media_id) REFERENCES media (workspace_id, id) ON DELETE CASCADE
);
