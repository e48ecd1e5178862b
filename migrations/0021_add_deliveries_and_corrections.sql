-- What follows a draw: prizes that were handed over, and announcements that are corrected.

-- That a winner has what they won: one delivery for all that an entry wins. A delivery that was
-- noted by mistake is taken back, and both stay on record.
CREATE TABLE deliveries (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    contest_id uuid NOT NULL,
    commitment bytea NOT NULL,
    delivered_at timestamptz NOT NULL,
    noted_by uuid,
    undone_at timestamptz,
    undone_by uuid,
    CONSTRAINT deliveries_pkey PRIMARY KEY (workspace_id, contest_id, id),
    CONSTRAINT deliveries_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id)
);
CREATE UNIQUE INDEX deliveries_once ON deliveries (workspace_id, contest_id, commitment)
    WHERE undone_at IS NULL;

-- A correction is an announcement of its own about the same event; `number` tells several of them
-- apart, and is 0 for what is corrected.
ALTER TABLE announcements ADD COLUMN number integer NOT NULL DEFAULT 0;
ALTER TABLE announcements DROP CONSTRAINT announcements_once;
ALTER TABLE announcements ADD CONSTRAINT announcements_once
    UNIQUE (workspace_id, contest_id, kind, seq, target_id, number);
ALTER TABLE announcements DROP CONSTRAINT announcements_kind_known;
ALTER TABLE announcements ADD CONSTRAINT announcements_kind_known
    CHECK (kind IN ('freeze', 'result', 'succession', 'amendment', 'void', 'correction'));

-- Who took which bundle of a contest along, among everything that was done about it.
CREATE INDEX audit_log_of_bundles ON audit_log (workspace_id, subject, id)
    WHERE action = 'contest.bundle_downloaded';

-- Open pages follow these too: whom somebody still has to be told, by what is in the way.
CREATE INDEX notices_untold ON notices (workspace_id, contest_id, state) WHERE state <> 'told';
CREATE TRIGGER deliveries_ping AFTER INSERT OR UPDATE ON deliveries FOR EACH ROW
    EXECUTE FUNCTION ping_contest();
CREATE TRIGGER notices_ping AFTER INSERT OR UPDATE OF state ON notices FOR EACH ROW
    EXECUTE FUNCTION ping_contest();
