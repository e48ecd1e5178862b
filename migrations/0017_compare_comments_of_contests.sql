-- Comments are compared with all of their contest on the same network, not with those under the same
-- post alone. Everything here follows from the comments, and is made anew by the next run.
DROP TABLE comment_bands, comment_sources, comment_sketches;

-- Comments that were looked at, each with the first of its kind (`source_id`), or none where it is
-- too short to be anybody's. Written before the bands, so that the next run goes on here.
CREATE TABLE comment_sketches (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    target_id uuid NOT NULL,
    account text NOT NULL,
    ref text NOT NULL,
    source_id uuid,
    CONSTRAINT comment_sketches_pkey PRIMARY KEY (workspace_id, contest_id, target_id, account, ref)
);
CREATE INDEX comment_sketches_of_source
    ON comment_sketches (workspace_id, contest_id, source_id, account) WHERE source_id IS NOT NULL;
CREATE INDEX comment_sketches_of_account ON comment_sketches (workspace_id, target_id, account);

-- The first comments of their kinds: who wrote it under which post, when in unix seconds, and hashes
-- of its pairs of words, 4 bytes each. `writers` is how many accounts write the same; where that is a
-- tenth of all commenters, it `is_common` and no copy of anything.
CREATE TABLE comment_sources (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid NOT NULL,
    target_id uuid NOT NULL,
    account text NOT NULL,
    ref text NOT NULL,
    written_at bigint NOT NULL,
    words smallint NOT NULL,
    features bytea NOT NULL,
    writers integer NOT NULL DEFAULT 1,
    is_common boolean NOT NULL DEFAULT false,
    CONSTRAINT comment_sources_pkey PRIMARY KEY (workspace_id, contest_id, id)
);
CREATE INDEX comment_sources_of_many ON comment_sources (workspace_id, contest_id, writers)
    WHERE writers > 1;
CREATE INDEX comment_sources_of_account ON comment_sources (workspace_id, target_id, account);

-- By which bands of its sketch a source is found.
CREATE TABLE comment_bands (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    band bigint NOT NULL,
    source_id uuid NOT NULL,
    CONSTRAINT comment_bands_pkey PRIMARY KEY (workspace_id, contest_id, band, source_id)
);
