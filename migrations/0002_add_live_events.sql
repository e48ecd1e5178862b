-- Live events: what a platform tells of by itself, kept as it came in until it is worked into the
-- evidence, and the ways on which it comes.

-- A community's way for live events. `path` is the digest of the address that only the platform
-- knows, `secret` what it must say, both of a callback; `position` is how far a queue was read.
CREATE TABLE channels (
    workspace_id uuid NOT NULL,
    community_id uuid NOT NULL,
    kind text NOT NULL,
    path bytea,
    secrets bytea,
    position text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'new',
    note text NOT NULL DEFAULT '',
    checked_at timestamptz,
    heard_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT channels_pkey PRIMARY KEY (workspace_id, community_id),
    CONSTRAINT channels_community FOREIGN KEY (workspace_id, community_id)
        REFERENCES communities (workspace_id, id),
    CONSTRAINT channels_kind_known CHECK (kind IN ('callback', 'long_poll')),
    CONSTRAINT channels_state_known CHECK (state IN ('new', 'listening', 'failed')),
    CONSTRAINT channels_callback_secret
        CHECK (kind <> 'callback' OR (path IS NOT NULL AND secrets IS NOT NULL))
);
CREATE UNIQUE INDEX channels_path_once ON channels (path);

-- An event comes once, whatever the platform repeats; `event_id` is its own name for it.
CREATE TABLE heard_events (
    workspace_id uuid NOT NULL,
    community_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    event_id text NOT NULL,
    heard_at timestamptz NOT NULL,
    body bytea NOT NULL,
    merged_at timestamptz,
    CONSTRAINT heard_events_pkey PRIMARY KEY (workspace_id, community_id, id),
    CONSTRAINT heard_events_once UNIQUE (workspace_id, community_id, event_id),
    CONSTRAINT heard_events_channel FOREIGN KEY (workspace_id, community_id)
        REFERENCES channels (workspace_id, community_id)
);
CREATE INDEX heard_events_due ON heard_events (workspace_id, community_id, id)
    WHERE merged_at IS NULL;
CREATE INDEX heard_events_by_age ON heard_events (heard_at);

-- Sign-ins at a platform that a person began in a browser and has not come back from yet.
CREATE TABLE sign_ins (
    state bytea NOT NULL,
    workspace_id uuid NOT NULL,
    community_id uuid NOT NULL,
    person_id uuid NOT NULL,
    verifier bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT sign_ins_pkey PRIMARY KEY (state),
    CONSTRAINT sign_ins_community FOREIGN KEY (workspace_id, community_id)
        REFERENCES communities (workspace_id, id),
    CONSTRAINT sign_ins_person FOREIGN KEY (person_id) REFERENCES persons (id)
);
CREATE INDEX sign_ins_by_age ON sign_ins (created_at);

-- A presence that only a live event told of, so that a list that leaves it out proves less.
ALTER TABLE actions ADD COLUMN heard boolean NOT NULL DEFAULT false;

-- Staged arrays are kept as the texts that they come as, and read when somebody takes them apart.
ALTER TABLE scan_staging ALTER COLUMN accounts TYPE text, ALTER COLUMN refs TYPE text,
    ALTER COLUMN times TYPE text, ALTER COLUMN texts TYPE text, ALTER COLUMN tags TYPE text,
    ALTER COLUMN mentions TYPE text;
-- Ids hardly compress, and the try would cost more than everything else.
ALTER TABLE scan_staging ALTER COLUMN accounts SET STORAGE EXTERNAL,
    ALTER COLUMN refs SET STORAGE EXTERNAL, ALTER COLUMN times SET STORAGE EXTERNAL;
-- Pages of a hundred stay whole in their rows: less to write, and less to find again.
ALTER TABLE scan_staging SET (toast_tuple_target = 8160);

-- Whether live events changed the evidence since what a running scan read was compared with it.
ALTER TABLE scans ADD COLUMN heard boolean NOT NULL DEFAULT false;

-- When accounts that a platform is asked about one by one were last answered for as absent: what is
-- there later began after that. Lists need no such rows, since who is not on one was absent.
CREATE TABLE absences (
    workspace_id uuid NOT NULL,
    target_id uuid NOT NULL,
    action text NOT NULL,
    account text NOT NULL,
    absent_at timestamptz NOT NULL,
    CONSTRAINT absences_pkey PRIMARY KEY (workspace_id, target_id, action, account)
);

-- Evidence that only live events yield: nothing lists it, so that no scan of it is awaited.
ALTER TABLE contest_evidence ADD COLUMN live boolean NOT NULL DEFAULT false;

-- What more profiles tell. `born` is a whole date or NULL.
ALTER TABLE accounts
    ADD COLUMN is_closed boolean,
    ADD COLUMN is_active boolean,
    ADD COLUMN city text NOT NULL DEFAULT '',
    ADD COLUMN born date;

ALTER TABLE work DROP CONSTRAINT work_kind_known;
ALTER TABLE work ADD CONSTRAINT work_kind_known
    CHECK (kind IN ('scan', 'judge', 'advance', 'announce', 'hear', 'tend'));

-- Indexes for what is asked often and had none -----------------------------------------------------

-- The lists on which an account stands are looked up once per entrant.
CREATE INDEX list_accounts_of_account
    ON list_accounts (workspace_id, platform, instance, account);

-- Those who hide are few, and are counted whenever somebody looks at a contest's coverage.
CREATE INDEX actions_hidden ON actions (workspace_id, target_id, action)
    WHERE gone_why = 'hidden';

-- An entrant is looked for by handle.
CREATE INDEX entrants_by_label ON entrants (workspace_id, contest_id, label);

CREATE INDEX targets_of_community ON targets (workspace_id, community_id);

-- A contest's id is unique over all workspaces, for its public address. It is looked up by equality
-- only: an ordered index of everybody's contests tempts PostgreSQL to walk through it for the latest
-- of one workspace.
DROP INDEX contests_id_once;
ALTER TABLE contests ADD CONSTRAINT contests_id_once EXCLUDE USING hash (id WITH =);
