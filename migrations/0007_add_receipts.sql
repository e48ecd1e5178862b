-- What entrants hold: promises before the freeze, and how somebody shows that an account is theirs.

-- What was promised: an entry that is valid will stand in the list with this weight, unless a later
-- verdict says otherwise. One row when it is first judged valid and one for each other weight, in
-- the transaction of the verdict; `given_at` is in unix seconds. The signature follows from the row
-- and the log's key. No foreign key: a hundred thousand rows come at once, beside openings that
-- have one. Holds nothing that names a person, so that it stays when one is erased.
CREATE TABLE promises (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    entrant_id uuid NOT NULL,
    number integer NOT NULL,
    commitment bytea NOT NULL,
    weight integer NOT NULL,
    given_at bigint NOT NULL,
    CONSTRAINT promises_pkey PRIMARY KEY (workspace_id, contest_id, entrant_id, number),
    CONSTRAINT promises_weight_positive CHECK (weight > 0)
);
CREATE TRIGGER promises_are_written_once BEFORE UPDATE OR DELETE ON promises
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Whoever counts now, in a contest that is not frozen, is promised it now.
INSERT INTO promises (workspace_id, contest_id, entrant_id, number, commitment, weight, given_at)
SELECT n.workspace_id, n.contest_id, n.id, 0, o.commitment, n.tickets,
    extract(epoch FROM now())::bigint
FROM entrants n
JOIN contests c ON c.workspace_id = n.workspace_id AND c.id = n.contest_id
JOIN openings o ON o.workspace_id = n.workspace_id AND o.contest_id = n.contest_id
    AND o.entrant_id = n.id
WHERE n.state = 'valid' AND c.status IN ('running', 'closing');

-- Somebody says that an account is theirs, and is to show it by writing a code with it. `secret` is
-- the digest of what their browser keeps, `code` that of what they write; it is gone once it was
-- seen, so that it works once. The account is empty where none of that name takes part, so that
-- nobody learns that from the answer.
CREATE TABLE ownerships (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    platform text NOT NULL,
    instance text NOT NULL,
    account text NOT NULL,
    entrant_id uuid,
    secret bytea NOT NULL,
    code bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    shown_at timestamptz,
    CONSTRAINT ownerships_pkey PRIMARY KEY (workspace_id, contest_id, id),
    CONSTRAINT ownerships_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id),
    CONSTRAINT ownerships_account_known CHECK ((account = '') = (entrant_id IS NULL)),
    CONSTRAINT ownerships_code_once CHECK ((code IS NULL) = (shown_at IS NOT NULL))
);
CREATE INDEX ownerships_waiting ON ownerships (workspace_id, platform, instance, account)
    WHERE shown_at IS NULL;
CREATE INDEX ownerships_by_end ON ownerships (expires_at);

ALTER TABLE work DROP CONSTRAINT work_kind_known;
ALTER TABLE work ADD CONSTRAINT work_kind_known
    CHECK (kind IN ('scan', 'judge', 'advance', 'announce', 'hear', 'tend', 'notify', 'sign',
        'vouch', 'look'));
