-- Fraud signals: what stands out about accounts, which comments repeat others, and whom the organiser
-- holds for checking.

-- What a workspace says of the signals; without a row, and for signals that are not named, the
-- defaults hold.
CREATE TABLE signal_settings (
    workspace_id uuid NOT NULL,
    threshold smallint NOT NULL,
    weights jsonb NOT NULL,
    changed_by uuid,
    changed_at timestamptz NOT NULL,
    CONSTRAINT signal_settings_pkey PRIMARY KEY (workspace_id),
    CONSTRAINT signal_settings_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT signal_settings_threshold_is_a_score CHECK (threshold BETWEEN 1 AND 100)
);

-- When all entrants of a contest were measured last, by which signals, and how long it took.
CREATE TABLE signal_runs (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    version smallint NOT NULL,
    weights smallint[] NOT NULL,
    accounts integer NOT NULL,
    measured_at timestamptz NOT NULL,
    seconds real NOT NULL,
    CONSTRAINT signal_runs_pkey PRIMARY KEY (workspace_id, contest_id),
    CONSTRAINT signal_runs_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id) ON DELETE CASCADE
);

-- What the signals say of an entrant: strengths from 0 to 100 in the order of `domain.signals`, the
-- facts behind those that say anything, the score that they add up to, and how many days old the
-- account was when the contest opened, where that is known. Whoever stands out in nothing has a row
-- too. Numbers only, nothing that names a person.
CREATE TABLE entrant_signals (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    entrant_id uuid NOT NULL,
    score smallint NOT NULL,
    strengths smallint[] NOT NULL,
    facts text NOT NULL,
    age_days integer,
    measured_at timestamptz NOT NULL,
    CONSTRAINT entrant_signals_pkey PRIMARY KEY (workspace_id, contest_id, entrant_id),
    CONSTRAINT entrant_signals_score_known CHECK (score BETWEEN 0 AND 100)
);
CREATE INDEX entrant_signals_by_score
    ON entrant_signals (workspace_id, contest_id, score, entrant_id);

-- The score of strengths by weights, both in the order of `domain.signals`, to the same bit as
-- `domain.signals.scores.score`. A further signal is a further factor.
CREATE FUNCTION signal_score(s smallint[], w smallint[]) RETURNS smallint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT floor(100.0::float8 * (1.0::float8
        - (1.0::float8 - (s[1] * w[1]::integer) / 10000.0::float8)
        * (1.0::float8 - (s[2] * w[2]::integer) / 10000.0::float8)
        * (1.0::float8 - (s[3] * w[3]::integer) / 10000.0::float8)
        * (1.0::float8 - (s[4] * w[4]::integer) / 10000.0::float8)
        * (1.0::float8 - (s[5] * w[5]::integer) / 10000.0::float8)
        * (1.0::float8 - (s[6] * w[6]::integer) / 10000.0::float8)
        * (1.0::float8 - (s[7] * w[7]::integer) / 10000.0::float8)
        * (1.0::float8 - (s[8] * w[8]::integer) / 10000.0::float8)) + 0.5::float8)::smallint
$$;

-- Whom the organiser holds for checking, why, and who released them. `rule` holds by the published
-- threshold and nobody's decision. All of one decision share a `batch`, by which it is undone.
CREATE TABLE quarantines (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    entrant_id uuid NOT NULL,
    batch uuid NOT NULL,
    cause text NOT NULL,
    reason text NOT NULL,
    note text NOT NULL DEFAULT '',
    score smallint,
    held_by uuid,
    held_at timestamptz NOT NULL,
    released_by uuid,
    released_at timestamptz,
    release_reason text,
    release_note text NOT NULL DEFAULT '',
    CONSTRAINT quarantines_pkey PRIMARY KEY (workspace_id, contest_id, id),
    CONSTRAINT quarantines_entrant FOREIGN KEY (workspace_id, contest_id, entrant_id)
        REFERENCES entrants (workspace_id, contest_id, id),
    CONSTRAINT quarantines_cause_known CHECK (cause IN ('person', 'rule')),
    CONSTRAINT quarantines_of_a_person CHECK ((cause = 'person') = (held_by IS NOT NULL)),
    CONSTRAINT quarantines_released_whole CHECK ((released_at IS NULL) = (release_reason IS NULL)
        AND (released_at IS NOT NULL OR released_by IS NULL))
);
CREATE UNIQUE INDEX quarantines_once ON quarantines (workspace_id, contest_id, entrant_id)
    WHERE released_at IS NULL;
CREATE INDEX quarantines_of_entrant ON quarantines (workspace_id, contest_id, entrant_id);
CREATE INDEX quarantines_of_batch ON quarantines (workspace_id, contest_id, batch);

-- Comments that were looked at, each with the first of its kind (`source_id`), or none where it is
-- too short to be anybody's. Written before the bands, so that the next run goes on here.
CREATE TABLE comment_sketches (
    workspace_id uuid NOT NULL,
    target_id uuid NOT NULL,
    account text NOT NULL,
    ref text NOT NULL,
    source_id uuid,
    CONSTRAINT comment_sketches_pkey PRIMARY KEY (workspace_id, target_id, account, ref)
);
CREATE INDEX comment_sketches_of_source ON comment_sketches (workspace_id, target_id, source_id, account)
    WHERE source_id IS NOT NULL;

-- The first comments of their kinds: who wrote it, when in unix seconds, and hashes of its pairs of
-- words, 4 bytes each. `writers` is how many accounts
-- write the same; where that is a tenth of all commenters, it `is_common` and no copy of anything.
CREATE TABLE comment_sources (
    workspace_id uuid NOT NULL,
    target_id uuid NOT NULL,
    id uuid NOT NULL,
    account text NOT NULL,
    ref text NOT NULL,
    written_at bigint NOT NULL,
    words smallint NOT NULL,
    features bytea NOT NULL,
    writers integer NOT NULL DEFAULT 1,
    is_common boolean NOT NULL DEFAULT false,
    CONSTRAINT comment_sources_pkey PRIMARY KEY (workspace_id, target_id, id)
);
CREATE INDEX comment_sources_of_many ON comment_sources (workspace_id, target_id, writers)
    WHERE writers > 1;
CREATE INDEX comment_sources_of_account ON comment_sources (workspace_id, target_id, account);

-- By which bands of its sketch a source is found.
CREATE TABLE comment_bands (
    workspace_id uuid NOT NULL,
    target_id uuid NOT NULL,
    band bigint NOT NULL,
    source_id uuid NOT NULL,
    CONSTRAINT comment_bands_pkey PRIMARY KEY (workspace_id, target_id, band, source_id)
);

-- Accounts that the comments of too many entrants of a contest name.
CREATE TABLE overnamed (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    named_by integer NOT NULL,
    CONSTRAINT overnamed_pkey PRIMARY KEY (workspace_id, contest_id, platform, instance, account),
    CONSTRAINT overnamed_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id) ON DELETE CASCADE
);

ALTER TABLE work DROP CONSTRAINT work_kind_known;
ALTER TABLE work ADD CONSTRAINT work_kind_known
    CHECK (kind IN ('scan', 'judge', 'advance', 'announce', 'hear', 'tend', 'notify', 'sign',
        'vouch', 'look', 'erase', 'measure'));
