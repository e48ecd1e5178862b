-- The log in operation: what is computed of its leaves, what was signed about it, who vouches for
-- that, and what this installation vouches for as a witness of others.

-- Hashes of perfect subtrees: `hash` is RFC 6962's over the leaves index * 2^level to
-- (index + 1) * 2^level - 1. Written by whoever signs, for exactly the leaves that are signed.
CREATE TABLE log_hashes (
    log text NOT NULL,
    level smallint NOT NULL,
    index bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT log_hashes_pkey PRIMARY KEY (log, level, index),
    CONSTRAINT log_hashes_log FOREIGN KEY (log) REFERENCES log_heads (log),
    CONSTRAINT log_hashes_level_known CHECK (level BETWEEN 0 AND 62),
    CONSTRAINT log_hashes_size CHECK (octet_length(hash) = 32)
);
CREATE TRIGGER log_hashes_are_written_once BEFORE UPDATE OR DELETE ON log_hashes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- One for each size that was signed; `note` is as the operator signed it, without cosignatures, and
-- `before` the size that was signed before it, so that one that is gone is missed.
CREATE TABLE checkpoints (
    log text NOT NULL,
    size bigint NOT NULL,
    before bigint NOT NULL,
    root bytea NOT NULL,
    note bytea NOT NULL,
    signed_at timestamptz NOT NULL,
    CONSTRAINT checkpoints_pkey PRIMARY KEY (log, size),
    CONSTRAINT checkpoints_log FOREIGN KEY (log) REFERENCES log_heads (log),
    CONSTRAINT checkpoints_size_grows CHECK (0 <= before AND before < size),
    CONSTRAINT checkpoints_root_size CHECK (octet_length(root) = 32)
);
CREATE TRIGGER checkpoints_are_written_once BEFORE UPDATE OR DELETE ON checkpoints
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- `witness` is the verifier key, `line` the line of the note, `time` what the witness says.
CREATE TABLE cosignatures (
    log text NOT NULL,
    size bigint NOT NULL,
    witness text NOT NULL,
    line text NOT NULL,
    time bigint NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT cosignatures_pkey PRIMARY KEY (log, size, witness),
    CONSTRAINT cosignatures_checkpoint FOREIGN KEY (log, size) REFERENCES checkpoints (log, size)
);
CREATE INDEX cosignatures_of_witness ON cosignatures (log, witness, size);
CREATE TRIGGER cosignatures_are_written_once BEFORE UPDATE OR DELETE ON cosignatures
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- `response` is as the authority sent it, `time` the latest second at which it can have been made.
CREATE TABLE timestamps (
    log text NOT NULL,
    size bigint NOT NULL,
    authority text NOT NULL,
    response bytea NOT NULL,
    time bigint NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT timestamps_pkey PRIMARY KEY (log, size, authority),
    CONSTRAINT timestamps_checkpoint FOREIGN KEY (log, size) REFERENCES checkpoints (log, size),
    CONSTRAINT timestamps_response_size CHECK (octet_length(response) <= 65536)
);
CREATE INDEX timestamps_of_authority ON timestamps (log, authority, size);
CREATE TRIGGER timestamps_are_written_once BEFORE UPDATE OR DELETE ON timestamps
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The largest checkpoint of each log of others that this installation cosigned.
CREATE TABLE witnessed (
    origin text NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    seen_at timestamptz NOT NULL,
    CONSTRAINT witnessed_pkey PRIMARY KEY (origin),
    CONSTRAINT witnessed_size_known CHECK (size >= 0),
    CONSTRAINT witnessed_root_size CHECK (octet_length(root) = 32)
);

-- Signing, and gathering who vouches, are due for a contest whose events the log has anew.
ALTER TABLE work DROP CONSTRAINT work_kind_known;
ALTER TABLE work ADD CONSTRAINT work_kind_known
    CHECK (kind IN ('scan', 'judge', 'advance', 'announce', 'hear', 'tend', 'notify', 'sign',
        'vouch'));
