-- Erasure: what is personal goes, by request or by age, and every hash stays. A row that was erased
-- keeps its commitment, its digest, its verdict and its tickets, and says so by `erased_at`.

ALTER TABLE entrants
    ADD COLUMN erased_at timestamptz,
    ALTER COLUMN subject DROP NOT NULL,
    ALTER COLUMN record DROP NOT NULL,
    ALTER COLUMN record_salt DROP NOT NULL,
    ADD CONSTRAINT entrants_erased_whole CHECK (
        CASE WHEN erased_at IS NULL
            THEN subject IS NOT NULL AND record IS NOT NULL AND record_salt IS NOT NULL
            ELSE subject IS NULL AND record IS NULL AND record_salt IS NULL AND label = '' END);

-- Without salt and identity only the commitment is left of an opening: it opens nothing any more.
ALTER TABLE openings
    ALTER COLUMN salt DROP NOT NULL,
    ALTER COLUMN subject DROP NOT NULL,
    ADD CONSTRAINT openings_erased_whole CHECK (
        CASE WHEN salt IS NULL THEN subject IS NULL AND label = '' ELSE subject IS NOT NULL END);

-- Presences of a watch may have been erased until then: that an earlier scan did not show somebody
-- says nothing any more.
ALTER TABLE watches ADD COLUMN forgotten_at timestamptz;

-- The audit log is written once. Erasing takes what is personal out of a detail, and nothing else,
-- and the row says when that was.
ALTER TABLE audit_log ADD COLUMN erased_at timestamptz;
CREATE FUNCTION refuse_change_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.erased_at IS NOT NULL
        AND to_jsonb(NEW) - 'detail' - 'erased_at' = to_jsonb(OLD) - 'detail' - 'erased_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % are written once and never changed', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
DROP TRIGGER audit_log_is_append_only ON audit_log;
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_erasure();

-- What is to be erased, and what was: of one person by a `request`; of a whole contest by its age,
-- the `bodies` of answers first and all the rest by `retention`. `waits_for` are the contests that
-- need something of the person until they have ended, `urls` the publications that name somebody;
-- `swept` is the last account whose profile was looked at, with its network before it.
CREATE TABLE erasures (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    cause text NOT NULL,
    contest_id uuid,
    reason text NOT NULL DEFAULT '',
    removes_from_lists boolean NOT NULL DEFAULT false,
    requested_by uuid,
    created_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'due',
    waits_for uuid[] NOT NULL DEFAULT '{}',
    counts jsonb NOT NULL DEFAULT '{}',
    swept text[] NOT NULL DEFAULT '{}',
    urls text[] NOT NULL DEFAULT '{}',
    done_at timestamptz,
    CONSTRAINT erasures_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT erasures_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT erasures_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id),
    CONSTRAINT erasures_contest_once UNIQUE (workspace_id, contest_id, cause),
    CONSTRAINT erasures_cause_known CHECK (cause IN ('request', 'retention', 'bodies')),
    CONSTRAINT erasures_of_one CHECK ((cause = 'request') = (contest_id IS NULL)),
    CONSTRAINT erasures_state_known CHECK (state IN ('due', 'waiting', 'done')),
    CONSTRAINT erasures_done_dated CHECK ((state = 'done') = (done_at IS NOT NULL))
);

-- Whom a request is about, and by which names others may speak of them: until it is done.
CREATE TABLE erasure_accounts (
    workspace_id uuid NOT NULL,
    erasure_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    names text[] NOT NULL DEFAULT '{}',
    CONSTRAINT erasure_accounts_pkey
        PRIMARY KEY (workspace_id, erasure_id, platform, instance, account),
    CONSTRAINT erasure_accounts_erasure FOREIGN KEY (workspace_id, erasure_id)
        REFERENCES erasures (workspace_id, id)
);

-- Contests that have ended are looked for by their age.
CREATE INDEX contests_ended ON contests (updated_at)
    WHERE status IN ('completed', 'cancelled', 'void');

ALTER TABLE work DROP CONSTRAINT work_kind_known;
ALTER TABLE work ADD CONSTRAINT work_kind_known
    CHECK (kind IN ('scan', 'judge', 'advance', 'announce', 'hear', 'tend', 'notify', 'sign',
        'vouch', 'look', 'erase'));
