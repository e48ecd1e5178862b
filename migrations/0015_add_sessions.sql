-- Signing in with a browser: what a person shows, what they are given for it, and how one gets in.
-- Of passwords, sessions, links and recovery codes only digests are kept. Persons are of several
-- workspaces, so what is theirs has no workspace; an invitation has.

-- `totp` is encrypted, and is asked for once `totp_at` says that a first code was right; `totp_step`
-- is the newest step of 30 s whose code was used. Wrong passwords and wrong codes are counted since
-- the last pause between them.
CREATE TABLE person_secrets (
    person_id uuid NOT NULL,
    password text,
    password_at timestamptz,
    totp bytea,
    totp_at timestamptz,
    totp_step bigint NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    failed_at timestamptz,
    code_failures integer NOT NULL DEFAULT 0,
    code_failed_at timestamptz,
    CONSTRAINT person_secrets_pkey PRIMARY KEY (person_id),
    CONSTRAINT person_secrets_person FOREIGN KEY (person_id) REFERENCES persons (id),
    CONSTRAINT person_secrets_password_dated CHECK ((password IS NULL) = (password_at IS NULL)),
    CONSTRAINT person_secrets_totp_dated CHECK (totp_at IS NULL OR totp IS NOT NULL)
);

CREATE TABLE recovery_codes (
    person_id uuid NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (person_id, digest),
    CONSTRAINT recovery_codes_person FOREIGN KEY (person_id) REFERENCES persons (id)
);

-- One that waits for a code opens nothing else.
CREATE TABLE sessions (
    person_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    digest bytea NOT NULL,
    waits_for_code boolean NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    address text NOT NULL,
    agent text NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (person_id, id),
    CONSTRAINT sessions_person FOREIGN KEY (person_id) REFERENCES persons (id)
);
CREATE UNIQUE INDEX sessions_digest_once ON sessions (digest);
CREATE INDEX sessions_by_end ON sessions (ends_at);

CREATE TABLE sign_in_links (
    digest bytea NOT NULL,
    person_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    CONSTRAINT sign_in_links_pkey PRIMARY KEY (digest),
    CONSTRAINT sign_in_links_person FOREIGN KEY (person_id) REFERENCES persons (id)
);
CREATE INDEX sign_in_links_of_person ON sign_in_links (person_id);
CREATE INDEX sign_in_links_by_end ON sign_in_links (ends_at);

CREATE TABLE invitations (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    digest bytea NOT NULL,
    role text NOT NULL,
    email text,
    invited_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    CONSTRAINT invitations_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT invitations_by FOREIGN KEY (workspace_id, invited_by)
        REFERENCES memberships (workspace_id, person_id) ON DELETE CASCADE,
    CONSTRAINT invitations_role_known CHECK (role IN ('owner', 'editor', 'auditor'))
);
CREATE UNIQUE INDEX invitations_digest_once ON invitations (digest);
CREATE INDEX invitations_by_end ON invitations (ends_at);

ALTER TABLE workspaces ADD COLUMN requires_totp boolean NOT NULL DEFAULT false;
ALTER TABLE audit_log ADD COLUMN session_id uuid;
CREATE INDEX audit_log_of_person ON audit_log (workspace_id, person_id, id);
CREATE INDEX audit_log_of_kind ON audit_log (workspace_id, split_part(action, '.', 1), id);
