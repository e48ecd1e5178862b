-- Links: one person showed that two accounts are theirs, and agreed that they take part as one entry.

-- The entry of `entrant_id` is merged into that of `into_id` as long as the link stands, which is
-- until `parted_at`. The account is the one by which `entrant_id` entered, and goes back to it then.
-- `shown` are the subjects of the two accounts that were shown to be one person's, `ownerships` the
-- rows by which: those of a link that was parted serve for no other. `consent` is what was agreed to,
-- to the letter.
CREATE TABLE links (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    entrant_id uuid NOT NULL,
    into_id uuid NOT NULL,
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    shown text[] NOT NULL,
    ownerships uuid[] NOT NULL,
    consent text NOT NULL,
    consent_version integer NOT NULL,
    consent_language text NOT NULL,
    linked_at timestamptz NOT NULL,
    parted_at timestamptz,
    CONSTRAINT links_pkey PRIMARY KEY (workspace_id, contest_id, id),
    CONSTRAINT links_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id),
    CONSTRAINT links_of_two CHECK (entrant_id <> into_id AND cardinality(shown) = 2
        AND cardinality(ownerships) = 2)
);
-- An entry is merged into one other at most, and that one into none.
CREATE UNIQUE INDEX links_standing_once ON links (workspace_id, contest_id, entrant_id)
    WHERE parted_at IS NULL;
CREATE UNIQUE INDEX links_account_once
    ON links (workspace_id, contest_id, platform, instance, account) WHERE parted_at IS NULL;
CREATE INDEX links_of_entry ON links (workspace_id, contest_id, into_id) WHERE parted_at IS NULL;
