-- Pages that are open are told that something of a contest changed, and look it up themselves: a
-- notification names the contest alone, and PostgreSQL sends the same one of a transaction once.
CREATE FUNCTION ping_contest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('contest_changed', NEW.contest_id::text);
    RETURN NULL;
END
$$;
CREATE FUNCTION ping_own_contest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('contest_changed', NEW.id::text);
    RETURN NULL;
END
$$;
CREATE FUNCTION ping_contests_of_watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('contest_changed', e.contest_id::text)
    FROM watches w
    JOIN contest_evidence e ON e.workspace_id = w.workspace_id AND e.target_id = w.target_id
        AND e.action = w.action
    WHERE w.workspace_id = NEW.workspace_id AND w.id = NEW.watch_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER contests_ping AFTER UPDATE ON contests FOR EACH ROW
    WHEN ((OLD.status, OLD.terms_version, OLD.obstacle, OLD.judged_at, OLD.closing_judged_at,
            OLD.opens_at, OLD.closes_at, OLD.freeze_at, OLD.draw_at)
        IS DISTINCT FROM (NEW.status, NEW.terms_version, NEW.obstacle, NEW.judged_at,
            NEW.closing_judged_at, NEW.opens_at, NEW.closes_at, NEW.freeze_at, NEW.draw_at))
    EXECUTE FUNCTION ping_own_contest();
CREATE TRIGGER scans_begin_with_a_ping AFTER INSERT ON scans FOR EACH ROW
    EXECUTE FUNCTION ping_contests_of_watch();
CREATE TRIGGER scans_ping AFTER UPDATE ON scans FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION ping_contests_of_watch();
CREATE TRIGGER events_ping AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION ping_contest();
CREATE TRIGGER announcements_ping AFTER INSERT OR UPDATE OF state ON announcements FOR EACH ROW
    EXECUTE FUNCTION ping_contest();
CREATE TRIGGER claims_ping AFTER INSERT ON claims FOR EACH ROW EXECUTE FUNCTION ping_contest();
CREATE TRIGGER disqualifications_ping AFTER INSERT OR UPDATE OF state ON disqualifications
    FOR EACH ROW EXECUTE FUNCTION ping_contest();
CREATE TRIGGER appeals_ping AFTER INSERT OR UPDATE OF state ON appeals FOR EACH ROW
    EXECUTE FUNCTION ping_contest();

-- The verdicts of an entrant's conditions, a letter each in the order of the rules: h(olds),
-- d(oes not hold), c(annot be known), w(ithdrawn). What is asked about a million entrants is asked
-- about the few patterns that there are.
ALTER TABLE entrants ADD COLUMN marks text NOT NULL DEFAULT '';
UPDATE entrants n SET marks = COALESCE((
    SELECT string_agg(left(f.finding ->> 'verdict', 1), '' ORDER BY f.place)
    FROM jsonb_array_elements(n.record::jsonb -> 'conditions') WITH ORDINALITY f (finding, place)),
    '')
WHERE n.record IS NOT NULL;
CREATE INDEX entrants_by_marks ON entrants (workspace_id, contest_id, marks, id)
    WHERE state IN ('invalid', 'cannot_verify');

-- Also for what a name begins with, whatever the database's collation.
DROP INDEX IF EXISTS entrants_by_label;
CREATE INDEX entrants_by_label ON entrants (workspace_id, contest_id, label text_pattern_ops, id);
-- Comments that ask something, for whoever answers.
CREATE INDEX actions_asking ON actions (workspace_id, target_id, seen_at)
    WHERE action = 'comment' AND text LIKE '%?%' AND gone_at IS NULL;

-- How many entrants there are of a kind. Whoever writes verdicts adds what became more or less in
-- the same transaction, so that nobody waits for anybody; the judge folds the rows when it is done.
CREATE TABLE entrant_tallies (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    platform text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    marks text NOT NULL,
    entrants bigint NOT NULL,
    tickets bigint NOT NULL,
    CONSTRAINT entrant_tallies_pkey PRIMARY KEY (workspace_id, contest_id, id),
    CONSTRAINT entrant_tallies_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id) ON DELETE CASCADE
);
-- How many entrants came in a minute: when their first action was, or else was seen. Added and
-- folded as tallies are.
CREATE TABLE entrant_arrivals (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    platform text NOT NULL,
    minute timestamptz NOT NULL,
    entrants bigint NOT NULL,
    CONSTRAINT entrant_arrivals_pkey PRIMARY KEY (workspace_id, contest_id, id),
    CONSTRAINT entrant_arrivals_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id) ON DELETE CASCADE
);

CREATE FUNCTION platform_of(subject text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE WHEN subject LIKE 'did:%' THEN 'bluesky'
    ELSE split_part(split_part(COALESCE(subject, ''), ':', 1), '@', 1) END;
INSERT INTO entrant_tallies (workspace_id, contest_id, platform, state, reason, marks, entrants,
    tickets)
SELECT workspace_id, contest_id, platform_of(subject), state, reason, marks, count(*), sum(tickets)
FROM entrants GROUP BY 1, 2, 3, 4, 5, 6;
INSERT INTO entrant_arrivals (workspace_id, contest_id, platform, minute, entrants)
SELECT workspace_id, contest_id, platform_of(subject),
    date_trunc('minute', COALESCE(uuid_extract_timestamp(id), judged_at), 'UTC'), count(*)
FROM entrants GROUP BY 1, 2, 3, 4;
DROP FUNCTION platform_of(text);
