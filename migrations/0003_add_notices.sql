-- Notices: what each holder of a prize is told personally, once. The row is written with the
-- announcement of the same event, and told after that is published or given up.

-- `text` is the message; `mention` is what is said in public instead, by the name `label`, and both
-- are empty where the person may not be named. `refused` says that the person cannot be written to,
-- so that they are told in public only, whatever they allow later. `how` is how they were told.
CREATE TABLE notices (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    contest_id uuid NOT NULL,
    seq integer NOT NULL,
    entrant_id uuid NOT NULL,
    target_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    label text NOT NULL,
    key text NOT NULL,
    created_at timestamptz NOT NULL,
    text text NOT NULL,
    mention text NOT NULL,
    link text NOT NULL,
    state text NOT NULL DEFAULT 'due',
    refused boolean NOT NULL DEFAULT false,
    how text,
    told_ref text,
    told_url text,
    told_at timestamptz,
    failure text,
    CONSTRAINT notices_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT notices_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id),
    CONSTRAINT notices_target FOREIGN KEY (workspace_id, target_id)
        REFERENCES targets (workspace_id, id),
    CONSTRAINT notices_once
        UNIQUE (workspace_id, contest_id, seq, platform, instance, account),
    CONSTRAINT notices_state_known
        CHECK (state IN ('due', 'told', 'unreachable', 'failed', 'withdrawn')),
    CONSTRAINT notices_how_known CHECK (how IN ('message', 'mention', 'post')),
    CONSTRAINT notices_told_known CHECK ((state = 'told') = (how IS NOT NULL)),
    CONSTRAINT notices_named_alike CHECK ((label = '') = (mention = ''))
);
CREATE INDEX notices_of_contest ON notices (workspace_id, contest_id, id);
-- A community whose connection was mended makes due again what failed there.
CREATE INDEX notices_due_of_target ON notices (workspace_id, target_id) WHERE state = 'due';

ALTER TABLE work DROP CONSTRAINT work_kind_known;
ALTER TABLE work ADD CONSTRAINT work_kind_known
    CHECK (kind IN ('scan', 'judge', 'advance', 'announce', 'hear', 'tend', 'notify'));
