-- Pictures that a workspace uploaded, as they were made anew from what was sent.

CREATE TABLE pictures (
    workspace_id uuid NOT NULL,
    digest bytea NOT NULL,
    media_type text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    bytes bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pictures_pkey PRIMARY KEY (workspace_id, digest),
    CONSTRAINT pictures_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT pictures_digest_size CHECK (length(digest) = 32),
    CONSTRAINT pictures_media_type CHECK (media_type IN ('image/webp', 'image/png')),
    CONSTRAINT pictures_size CHECK (width > 0 AND height > 0 AND length(bytes) > 0)
);

-- They are served by what they are, to everybody.
CREATE INDEX pictures_by_digest ON pictures (digest);

ALTER TABLE pictures ALTER COLUMN bytes SET STORAGE EXTERNAL;
