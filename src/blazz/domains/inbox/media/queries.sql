-- Files that are sent and received. Tables: media, media_uploads.

-- insert_media --
INSERT INTO media (workspace_id, id, kind, state, mime_type, file_name, size_bytes, sha256, storage_key, created_by)
VALUES ($1, $2, $3, 'stored', $4, $5, $6, $7, $8, $9);

-- expect_media --
-- Files of received messages, still to be fetched.
INSERT INTO media (workspace_id, id, kind, state, file_name, message_id, number_id, provider_media_id)
SELECT $1, row.id, row.kind, 'waiting', row.file_name, row.message_id, row.number_id, row.provider_media_id
  FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::text[])
       AS row (id, kind, file_name, message_id, number_id, provider_media_id);

-- get_media --
SELECT id, kind, state, mime_type, file_name, size_bytes, sha256, storage_key, failure, message_id, number_id,
       provider_media_id, created_at
  FROM media WHERE workspace_id = $1 AND id = $2;

-- known_media --
SELECT id, kind, state FROM media WHERE workspace_id = $1 AND id = ANY ($2::uuid[]);

-- store_fetched --
UPDATE media SET state = 'stored', mime_type = $3, size_bytes = $4, sha256 = $5, storage_key = $6, failure = NULL,
       updated_at = now()
 WHERE workspace_id = $1 AND id = $2 AND state <> 'stored'
RETURNING message_id;

-- fail_fetch --
UPDATE media SET state = 'failed', failure = $3, updated_at = now()
 WHERE workspace_id = $1 AND id = $2 AND state = 'waiting'
RETURNING message_id;

-- note_media --
-- The message shows what became of its file.
UPDATE messages SET content = content || jsonb_build_object('file_state', $3::text, 'file_type', $4::text)
 WHERE workspace_id = $1 AND id = $2
RETURNING contact_id;

-- uploads_of --
-- What the provider calls these files now, for one number.
SELECT media.id, media.state, upload.provider_media_id, upload.failure
  FROM media
  LEFT JOIN media_uploads AS upload
    ON upload.workspace_id = $1 AND upload.media_id = media.id AND upload.number_id = $3
       AND (upload.failure IS NOT NULL OR upload.expires_at > now())
 WHERE media.workspace_id = $1 AND media.id = ANY ($2::uuid[]);

-- remember_upload --
INSERT INTO media_uploads (workspace_id, media_id, number_id, provider_media_id, expires_at)
VALUES ($1, $2, $3, $4, now() + $5::interval)
ON CONFLICT (workspace_id, media_id, number_id) DO UPDATE
   SET provider_media_id = excluded.provider_media_id, expires_at = excluded.expires_at, failure = NULL,
       updated_at = now();

-- fail_upload --
INSERT INTO media_uploads (workspace_id, media_id, number_id, failure) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, media_id, number_id) DO UPDATE
   SET failure = excluded.failure, provider_media_id = NULL, expires_at = NULL, updated_at = now();

-- forgive_upload --
-- A new message may try again what failed before.
DELETE FROM media_uploads
 WHERE workspace_id = $1 AND media_id = ANY ($2::uuid[]) AND number_id = $3 AND failure IS NOT NULL;

-- release_waiting --
-- Messages that only waited for their file may leave now.
UPDATE outbox SET not_before = '-infinity'
 WHERE workspace_id = $1 AND number_id = $2 AND state = 0 AND reason = 'media_pending';
