-- What many evidence records of a contest have in common, by a short name that stands in each of them
-- instead, after U+0001. No piece holds anything that one entrant alone did or has.
CREATE TABLE record_pieces (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    name text NOT NULL,
    text text NOT NULL,
    CONSTRAINT record_pieces_pkey PRIMARY KEY (workspace_id, contest_id, name),
    CONSTRAINT record_pieces_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id) ON DELETE CASCADE
);
