-- What changed of what verdicts rest on, so that only those are judged anew whom it is about. Whoever
-- changes it writes such a row in the same transaction. `accounts` are of one platform and instance;
-- `target_id` is set where only contests that rest on that target are meant, `contest_id` where it is
-- one contest. A row with neither accounts nor entrants means everybody. `seen_at` is the latest time
-- at which an action in it was seen, where it is about actions.
--
-- `xid` says which transaction wrote it. Times and sequences are given before a commit, so that a row
-- may appear behind one that was read; whether a transaction was over when a snapshot was taken is
-- never in doubt.
CREATE TABLE evidence_changes (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    platform text NOT NULL DEFAULT '',
    instance text NOT NULL DEFAULT '',
    target_id uuid,
    contest_id uuid,
    accounts text[],
    entrants uuid[],
    seen_at timestamptz,
    CONSTRAINT evidence_changes_pkey PRIMARY KEY (workspace_id, id)
);
CREATE INDEX evidence_changes_by_transaction ON evidence_changes (workspace_id, xid);
-- Ids hardly compress, and the try would cost more than everything else.
ALTER TABLE evidence_changes ALTER COLUMN accounts SET STORAGE EXTERNAL,
    ALTER COLUMN entrants SET STORAGE EXTERNAL;

-- What a contest was last judged by, once all of its entrants were: the snapshot that showed the
-- evidence, the cluster whose transactions that counts (a restored copy counts its own), and a digest
-- of everything that all verdicts rest on. `asked_since`, in unix seconds, is from when on entrants
-- were not asked about yet; `has_unread` says that profiles of some could not be read. `run` is the
-- judging that may write: the last that began.
CREATE TABLE benches (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    run uuid NOT NULL,
    snapshot pg_snapshot,
    cluster bigint,
    rests_on bytea,
    asked_since bigint,
    has_unread boolean NOT NULL DEFAULT false,
    CONSTRAINT benches_pkey PRIMARY KEY (workspace_id, contest_id),
    CONSTRAINT benches_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT benches_judged_whole CHECK ((snapshot IS NULL) = (cluster IS NULL)
        AND (snapshot IS NULL) = (rests_on IS NULL))
);

-- Looked up for each of a million verdicts they take longer than writing them, and all of one verdict
-- is written in one transaction, which holds its contest.
ALTER TABLE entrants DROP CONSTRAINT entrants_contest;
ALTER TABLE entrant_accounts DROP CONSTRAINT entrant_accounts_entrant;
ALTER TABLE openings DROP CONSTRAINT openings_contest;
-- A record of ten conditions fits into its row. To compress a million of them takes longer than
-- everything else.
ALTER TABLE entrants SET (toast_tuple_target = 8160);
