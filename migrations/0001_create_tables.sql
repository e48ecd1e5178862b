-- The ledger. The workspace id leads every key, then the contest id where rows belong to one, so
-- that tables can be partitioned, or distributed, by workspace. Times are UTC. Tables of proof are
-- insert-only; salts and identities live outside them, so that a person can be erased while every
-- proof still verifies.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are written once and never changed', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

-- People ------------------------------------------------------------------------------------------

CREATE TABLE workspaces (
    id uuid NOT NULL DEFAULT uuidv7(),
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT workspaces_pkey PRIMARY KEY (id),
    CONSTRAINT workspaces_name_given CHECK (name <> '')
);

CREATE TABLE persons (
    id uuid NOT NULL DEFAULT uuidv7(),
    name text NOT NULL,
    email text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT persons_pkey PRIMARY KEY (id),
    CONSTRAINT persons_name_given CHECK (name <> '')
);
CREATE UNIQUE INDEX persons_email_once ON persons (lower(email));

CREATE TABLE memberships (
    workspace_id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT memberships_pkey PRIMARY KEY (workspace_id, person_id),
    CONSTRAINT memberships_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT memberships_person FOREIGN KEY (person_id) REFERENCES persons (id),
    CONSTRAINT memberships_role_known CHECK (role IN ('owner', 'editor', 'auditor'))
);
CREATE INDEX memberships_of_person ON memberships (person_id);

CREATE TABLE tokens (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    person_id uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    digest bytea NOT NULL,
    issued_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    used_at timestamptz,
    CONSTRAINT tokens_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT tokens_membership FOREIGN KEY (workspace_id, person_id)
        REFERENCES memberships (workspace_id, person_id) ON DELETE CASCADE,
    CONSTRAINT tokens_role_known CHECK (role IN ('owner', 'editor', 'auditor'))
);
CREATE UNIQUE INDEX tokens_digest_once ON tokens (digest);

CREATE TABLE audit_log (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    at timestamptz NOT NULL,
    person_id uuid,
    token_id uuid,
    action text NOT NULL,
    subject uuid,
    detail jsonb NOT NULL,
    request_id text NOT NULL,
    CONSTRAINT audit_log_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT audit_log_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
);
CREATE INDEX audit_log_of_subject ON audit_log (workspace_id, subject, id);
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE idempotency_keys (
    workspace_id uuid NOT NULL,
    person_id uuid NOT NULL,
    key text NOT NULL,
    request_digest bytea NOT NULL,
    status smallint NOT NULL,
    reply bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (workspace_id, person_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Communities and what is watched -----------------------------------------------------------------

CREATE TABLE communities (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    handle text NOT NULL,
    name text NOT NULL,
    endpoints jsonb NOT NULL,
    credential bytea NOT NULL,
    session bytea,
    health text NOT NULL DEFAULT 'healthy',
    health_note text NOT NULL DEFAULT '',
    checked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz,
    CONSTRAINT communities_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT communities_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT communities_health_known CHECK (health IN ('healthy', 'unreachable', 'reconnect'))
);
CREATE UNIQUE INDEX communities_account_once ON communities (workspace_id, platform, instance, account)
    WHERE removed_at IS NULL;

CREATE TABLE targets (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    community_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    kind text NOT NULL,
    ref text NOT NULL,
    pin text NOT NULL,
    author text NOT NULL,
    url text NOT NULL,
    gone_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT targets_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT targets_community FOREIGN KEY (workspace_id, community_id)
        REFERENCES communities (workspace_id, id),
    CONSTRAINT targets_once UNIQUE (workspace_id, platform, instance, kind, ref, pin),
    CONSTRAINT targets_kind_known CHECK (kind IN ('post', 'community'))
);

CREATE TABLE lists (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT lists_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT lists_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT lists_name_once UNIQUE (workspace_id, name)
);

CREATE TABLE list_accounts (
    workspace_id uuid NOT NULL,
    list_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    reason text NOT NULL,
    added_by uuid NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT list_accounts_pkey PRIMARY KEY (workspace_id, list_id, platform, instance, account),
    CONSTRAINT list_accounts_list FOREIGN KEY (workspace_id, list_id)
        REFERENCES lists (workspace_id, id) ON DELETE CASCADE
);

-- Contests ----------------------------------------------------------------------------------------

CREATE TABLE contests (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    practice boolean NOT NULL,
    status text NOT NULL DEFAULT 'draft',
    definition jsonb NOT NULL,
    title text NOT NULL,
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    freeze_at timestamptz NOT NULL,
    draw_at timestamptz NOT NULL,
    terms_version integer NOT NULL DEFAULT 0,
    round bigint,
    void_reason text,
    obstacle text NOT NULL DEFAULT '',
    postponements smallint NOT NULL DEFAULT 0,
    judged_at timestamptz,
    closing_judged_at timestamptz,
    rechecked_at timestamptz,
    revision integer NOT NULL DEFAULT 1,
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contests_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT contests_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT contests_created_by FOREIGN KEY (created_by) REFERENCES persons (id),
    CONSTRAINT contests_status_known CHECK (status IN ('draft', 'scheduled', 'running', 'closing',
        'frozen', 'drawn', 'announced', 'completed', 'cancelled', 'void')),
    CONSTRAINT contests_times_ordered
        CHECK (opens_at <= closes_at AND closes_at <= freeze_at AND freeze_at <= draw_at)
);
-- Public addresses carry the contest's id alone.
CREATE UNIQUE INDEX contests_id_once ON contests (id);
CREATE INDEX contests_by_status ON contests (workspace_id, status, id);

CREATE FUNCTION keep_practice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.practice <> OLD.practice THEN
        RAISE EXCEPTION 'a contest is practice or real from its creation'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER contests_practice_is_fixed BEFORE UPDATE ON contests
    FOR EACH ROW EXECUTE FUNCTION keep_practice();

CREATE TABLE contest_posts (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    target_id uuid NOT NULL,
    position smallint NOT NULL,
    CONSTRAINT contest_posts_pkey PRIMARY KEY (workspace_id, contest_id, target_id),
    CONSTRAINT contest_posts_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT contest_posts_target FOREIGN KEY (workspace_id, target_id)
        REFERENCES targets (workspace_id, id),
    CONSTRAINT contest_posts_position_once UNIQUE (workspace_id, contest_id, position)
);
CREATE INDEX contest_posts_of_target ON contest_posts (workspace_id, target_id);

-- Which evidence a contest rests on: one row per target and action that its rules ask about.
CREATE TABLE contest_evidence (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    target_id uuid NOT NULL,
    action text NOT NULL,
    closing_scan_id uuid,
    recheck_scan_id uuid,
    CONSTRAINT contest_evidence_pkey PRIMARY KEY (workspace_id, contest_id, target_id, action),
    CONSTRAINT contest_evidence_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT contest_evidence_target FOREIGN KEY (workspace_id, target_id)
        REFERENCES targets (workspace_id, id),
    CONSTRAINT contest_evidence_action_known
        CHECK (action IN ('like', 'repost', 'quote', 'comment', 'follow'))
);
CREATE INDEX contest_evidence_of_target ON contest_evidence (workspace_id, target_id, action);

CREATE TABLE terms (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    version integer NOT NULL,
    sha256 bytea NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT terms_pkey PRIMARY KEY (workspace_id, contest_id, version),
    CONSTRAINT terms_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id)
);
CREATE TRIGGER terms_are_written_once BEFORE UPDATE OR DELETE ON terms
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Decisions of a person that set a check aside, with their reason code.
CREATE TABLE overrides (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    kind text NOT NULL,
    reason text NOT NULL,
    person_id uuid,
    at timestamptz NOT NULL,
    CONSTRAINT overrides_pkey PRIMARY KEY (workspace_id, contest_id, id),
    CONSTRAINT overrides_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id),
    CONSTRAINT overrides_kind_known CHECK (kind IN ('coverage', 'recheck'))
);
CREATE TRIGGER overrides_are_written_once BEFORE UPDATE OR DELETE ON overrides
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Verifier files named by terms, kept by their hash for ever.
CREATE TABLE verifiers (
    sha256 bytea NOT NULL,
    name text NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT verifiers_pkey PRIMARY KEY (sha256)
);
CREATE TRIGGER verifiers_are_written_once BEFORE UPDATE OR DELETE ON verifiers
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Evidence ----------------------------------------------------------------------------------------

CREATE TABLE accounts (
    workspace_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    handle text NOT NULL,
    name text NOT NULL,
    created_at timestamptz,
    has_picture boolean,
    followers bigint,
    profile_at timestamptz NOT NULL,
    standing text NOT NULL DEFAULT 'visible',
    standing_at timestamptz,
    CONSTRAINT accounts_pkey PRIMARY KEY (workspace_id, platform, instance, account),
    CONSTRAINT accounts_standing_known CHECK (standing IN ('visible', 'blocks_us', 'blocked_by_us', 'unavailable'))
);
CREATE INDEX accounts_by_handle ON accounts (workspace_id, lower(handle));

CREATE TABLE watches (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    target_id uuid NOT NULL,
    action text NOT NULL,
    CONSTRAINT watches_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT watches_target FOREIGN KEY (workspace_id, target_id)
        REFERENCES targets (workspace_id, id),
    CONSTRAINT watches_once UNIQUE (workspace_id, target_id, action)
);

CREATE TABLE scans (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    watch_id uuid NOT NULL,
    closing boolean NOT NULL,
    state text NOT NULL DEFAULT 'running',
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    checkpoint text,
    pages integer NOT NULL DEFAULT 0,
    staged bigint NOT NULL DEFAULT 0,
    counted bigint NOT NULL DEFAULT 0,
    seen bigint,
    appeared bigint,
    vanished bigint,
    hidden bigint,
    claimed bigint,
    failure text,
    CONSTRAINT scans_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT scans_watch FOREIGN KEY (workspace_id, watch_id)
        REFERENCES watches (workspace_id, id),
    CONSTRAINT scans_state_known CHECK (state IN ('running', 'complete', 'aborted'))
);
CREATE UNIQUE INDEX scans_one_running ON scans (workspace_id, watch_id) WHERE state = 'running';
CREATE INDEX scans_of_watch ON scans (workspace_id, watch_id, id);

ALTER TABLE contest_evidence ADD CONSTRAINT contest_evidence_closing_scan
    FOREIGN KEY (workspace_id, closing_scan_id) REFERENCES scans (workspace_id, id);
ALTER TABLE contest_evidence ADD CONSTRAINT contest_evidence_recheck_scan
    FOREIGN KEY (workspace_id, recheck_scan_id) REFERENCES scans (workspace_id, id);

CREATE TABLE scan_pages (
    workspace_id uuid NOT NULL,
    scan_id uuid NOT NULL,
    seq integer NOT NULL,
    sha256 bytea NOT NULL,
    size integer NOT NULL,
    fetched_at timestamptz NOT NULL,
    body bytea,
    CONSTRAINT scan_pages_pkey PRIMARY KEY (workspace_id, scan_id, seq),
    CONSTRAINT scan_pages_scan FOREIGN KEY (workspace_id, scan_id)
        REFERENCES scans (workspace_id, id)
);

-- What a running scan has read so far: one row for each page and answer, its actions in arrays of
-- one length, so that a million costs ten thousand rows. `times` are unix seconds; `tags` and
-- `mentions` hold array literals; an array is NULL where none of the actions has such a thing.
-- `fresh` are the places, from 1, of what was not known before. Unlogged: after a crash of the
-- database it is empty, and the scan notices by its own count and starts again.
CREATE UNLOGGED TABLE scan_staging (
    workspace_id uuid NOT NULL,
    scan_id uuid NOT NULL,
    seq integer NOT NULL,
    answer text NOT NULL,
    seen_at timestamptz NOT NULL,
    size integer NOT NULL,
    accounts text[] NOT NULL,
    refs text[],
    times bigint[],
    texts text[],
    tags text[],
    mentions text[],
    fresh integer[],
    CONSTRAINT scan_staging_answer_known CHECK (answer IN ('present', 'absent', 'hidden'))
);
CREATE INDEX scan_staging_of_scan ON scan_staging (workspace_id, scan_id);
-- Ids hardly compress, and the try would cost more than everything else.
ALTER TABLE scan_staging ALTER COLUMN accounts SET STORAGE EXTERNAL,
    ALTER COLUMN refs SET STORAGE EXTERNAL, ALTER COLUMN times SET STORAGE EXTERNAL;

-- Presence intervals. `absent_at` and `gone_at` are when a complete scan did not show the action:
-- its true beginning lies in (absent_at, seen_at], its true end in (last_seen_at, gone_at].
-- No foreign key to the target: looked up for each of a million rows it takes longer than writing
-- them, and a scan's watch, locked while its rows are written, has one.
CREATE TABLE actions (
    workspace_id uuid NOT NULL,
    target_id uuid NOT NULL,
    action text NOT NULL,
    account text NOT NULL,
    ref text NOT NULL,
    seen_scan uuid NOT NULL,
    at timestamptz,
    absent_at timestamptz,
    seen_at timestamptz NOT NULL,
    gone_at timestamptz,
    gone_scan uuid,
    gone_why text,
    text text NOT NULL,
    tags text[] NOT NULL,
    mentions text[] NOT NULL,
    CONSTRAINT actions_pkey PRIMARY KEY (workspace_id, target_id, action, account, ref, seen_scan),
    CONSTRAINT actions_gone_explained CHECK ((gone_at IS NULL) = (gone_why IS NULL)
        AND (gone_at IS NULL) = (gone_scan IS NULL)),
    CONSTRAINT actions_gone_why_known CHECK (gone_why IN ('withdrawn', 'hidden'))
);

-- Judging -----------------------------------------------------------------------------------------

-- `record` is the evidence record to the byte (docs/draw-protocol.md); its salted digest is written
-- with it, so that a freeze only has to collect digests.
CREATE TABLE entrants (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    subject text NOT NULL,
    label text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    tickets integer NOT NULL,
    record text NOT NULL,
    record_salt bytea NOT NULL,
    record_digest bytea NOT NULL,
    judged_at timestamptz NOT NULL,
    CONSTRAINT entrants_pkey PRIMARY KEY (workspace_id, contest_id, id),
    CONSTRAINT entrants_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id),
    CONSTRAINT entrants_subject_once UNIQUE (workspace_id, contest_id, subject),
    CONSTRAINT entrants_state_known
        CHECK (state IN ('valid', 'invalid', 'cannot_verify', 'quarantined')),
    CONSTRAINT entrants_tickets_match CHECK ((state = 'valid') = (tickets > 0))
);
CREATE INDEX entrants_by_state ON entrants (workspace_id, contest_id, state, reason, id);

CREATE TABLE entrant_accounts (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    entrant_id uuid NOT NULL,
    CONSTRAINT entrant_accounts_pkey
        PRIMARY KEY (workspace_id, contest_id, platform, instance, account),
    CONSTRAINT entrant_accounts_entrant FOREIGN KEY (workspace_id, contest_id, entrant_id)
        REFERENCES entrants (workspace_id, contest_id, id) ON DELETE CASCADE
);
CREATE INDEX entrant_accounts_of_entrant
    ON entrant_accounts (workspace_id, contest_id, entrant_id);

-- Proof -------------------------------------------------------------------------------------------

-- Salt and identity of an entry, made when its entrant is first judged valid.
CREATE TABLE openings (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    entrant_id uuid NOT NULL,
    commitment bytea NOT NULL,
    salt bytea NOT NULL,
    subject text NOT NULL,
    label text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT openings_pkey PRIMARY KEY (workspace_id, contest_id, entrant_id),
    CONSTRAINT openings_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id),
    CONSTRAINT openings_commitment_once UNIQUE (workspace_id, contest_id, commitment)
);

CREATE TABLE events (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    seq integer NOT NULL,
    type text NOT NULL,
    at bigint NOT NULL,
    hash bytea NOT NULL,
    line bytea NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (workspace_id, contest_id, seq),
    CONSTRAINT events_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id),
    CONSTRAINT events_type_known
        CHECK (type IN ('rules', 'amend', 'freeze', 'dq', 'result', 'void', 'close'))
);
CREATE UNIQUE INDEX events_one_of_a_kind ON events (workspace_id, contest_id, type)
    WHERE type IN ('rules', 'freeze', 'result', 'void', 'close');
CREATE TRIGGER events_are_written_once BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The frozen list (`entries.bin`) and the digests of its evidence, in pieces of whole records.
CREATE TABLE frozen_chunks (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    kind text NOT NULL,
    seq integer NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT frozen_chunks_pkey PRIMARY KEY (workspace_id, contest_id, kind, seq),
    CONSTRAINT frozen_chunks_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id),
    CONSTRAINT frozen_chunks_kind_known CHECK (kind IN ('entries', 'evidence'))
);
ALTER TABLE frozen_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE TRIGGER frozen_chunks_are_written_once BEFORE UPDATE OR DELETE ON frozen_chunks
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The log of all contests' events; real and practice have one each. A leaf's index is taken from
-- the head in the transaction that writes its event, so indexes have no gaps.
CREATE TABLE log_heads (
    log text NOT NULL,
    size bigint NOT NULL DEFAULT 0,
    CONSTRAINT log_heads_pkey PRIMARY KEY (log),
    CONSTRAINT log_heads_known CHECK (log IN ('real', 'practice'))
);
INSERT INTO log_heads (log) VALUES ('real'), ('practice');

CREATE TABLE log_leaves (
    log text NOT NULL,
    index bigint NOT NULL,
    leaf bytea NOT NULL,
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    seq integer NOT NULL,
    CONSTRAINT log_leaves_pkey PRIMARY KEY (log, index),
    CONSTRAINT log_leaves_event_once UNIQUE (workspace_id, contest_id, seq),
    CONSTRAINT log_leaves_event FOREIGN KEY (workspace_id, contest_id, seq)
        REFERENCES events (workspace_id, contest_id, seq),
    CONSTRAINT log_leaves_size CHECK (octet_length(leaf) = 68)
);
CREATE TRIGGER log_leaves_are_written_once BEFORE UPDATE OR DELETE ON log_leaves
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE beacon_rounds (
    chain bytea NOT NULL,
    round bigint NOT NULL,
    signature bytea NOT NULL,
    randomness bytea NOT NULL,
    relay text NOT NULL,
    fetched_at timestamptz NOT NULL,
    CONSTRAINT beacon_rounds_pkey PRIMARY KEY (chain, round)
);
CREATE TRIGGER beacon_rounds_are_written_once BEFORE UPDATE OR DELETE ON beacon_rounds
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Announcements (an outbox) and due work ----------------------------------------------------------

CREATE TABLE announcements (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    contest_id uuid NOT NULL,
    target_id uuid NOT NULL,
    kind text NOT NULL,
    seq integer NOT NULL,
    key text NOT NULL,
    created_at timestamptz NOT NULL,
    text text NOT NULL,
    link text NOT NULL,
    state text NOT NULL DEFAULT 'due',
    published_ref text,
    published_url text,
    published_at timestamptz,
    failure text,
    CONSTRAINT announcements_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT announcements_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id),
    CONSTRAINT announcements_target FOREIGN KEY (workspace_id, target_id)
        REFERENCES targets (workspace_id, id),
    CONSTRAINT announcements_once UNIQUE (workspace_id, contest_id, kind, seq, target_id),
    CONSTRAINT announcements_kind_known
        CHECK (kind IN ('freeze', 'result', 'succession', 'amendment', 'void')),
    CONSTRAINT announcements_state_known CHECK (state IN ('due', 'published', 'failed')),
    CONSTRAINT announcements_published_known CHECK ((state = 'published') = (published_ref IS NOT NULL))
);

-- Every due step of every flow. A job carries (workspace_id, id) only and can be made again from
-- its row at any time; whoever holds the lease works on it.
CREATE TABLE work (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    kind text NOT NULL,
    subject uuid NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    lease uuid,
    lease_until timestamptz,
    failure text,
    CONSTRAINT work_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT work_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT work_once UNIQUE (workspace_id, kind, subject),
    CONSTRAINT work_kind_known CHECK (kind IN ('scan', 'judge', 'advance', 'announce')),
    CONSTRAINT work_lease_dated CHECK ((lease IS NULL) = (lease_until IS NULL))
);
CREATE INDEX work_due ON work (due_at);
CREATE INDEX work_leased ON work (lease_until) WHERE lease IS NOT NULL;

-- What the planner believes of tables that fill by a million rows within seconds, until they are
-- first analyzed: that one contest may own a good part of them, and that a whole key names one row.
-- Without that it takes a contest's rows for a few, and walks through them again and again.
DO $$
DECLARE
    believed record;
BEGIN
    FOR believed IN SELECT * FROM (VALUES
        ('entrants', 'workspace_id', 5), ('entrants', 'contest_id', 5),
        ('entrants', 'id', -1), ('entrants', 'subject', -1),
        ('entrant_accounts', 'workspace_id', 5), ('entrant_accounts', 'contest_id', 5),
        ('entrant_accounts', 'account', -1), ('entrant_accounts', 'entrant_id', -1),
        ('openings', 'workspace_id', 5), ('openings', 'contest_id', 5),
        ('openings', 'entrant_id', -1), ('openings', 'commitment', -1),
        ('actions', 'workspace_id', 5), ('actions', 'target_id', 5), ('actions', 'action', 5),
        ('actions', 'account', -0.5), ('actions', 'seen_scan', 50),
        ('accounts', 'workspace_id', 5), ('accounts', 'account', -1)
    ) AS told (relation, attribute, n_distinct)
    LOOP
        PERFORM pg_restore_attribute_stats(
            'schemaname', current_schema()::text, 'relname', believed.relation,
            'attname', believed.attribute, 'inherited', false, 'null_frac', 0::real,
            'avg_width', 16, 'n_distinct', believed.n_distinct::real);
    END LOOP;
END
$$;
