-- What became of verdicts: every change and the judging that it came of; what persons set aside
-- before the freeze, which takes two of them or a public delay; and what entrants ask for.

-- A run of the judge that gave or changed a verdict, or that judged over the closing scans. It is
-- written when it ends, so that whoever was first judged by then has a smaller id. `scans` are those
-- whose evidence it saw; live events count up to `began_at`.
CREATE TABLE judgings (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    began_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    is_closing boolean NOT NULL,
    terms_version integer NOT NULL,
    scans uuid[] NOT NULL,
    appeared integer NOT NULL,
    changed integer NOT NULL,
    CONSTRAINT judgings_pkey PRIMARY KEY (workspace_id, contest_id, id),
    CONSTRAINT judgings_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id)
);
CREATE INDEX judgings_by_end ON judgings (workspace_id, contest_id, finished_at);

-- That a verdict changed: from what to what. Whoever writes a verdict leaves this row, by trigger,
-- and the first verdict leaves none. No foreign key: as many come at once as entrants. It names no
-- person, so that it stays when one is erased.
CREATE TABLE verdict_changes (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    entrant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    at timestamptz NOT NULL,
    former_state text NOT NULL,
    former_reason text NOT NULL,
    former_tickets integer NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    tickets integer NOT NULL,
    CONSTRAINT verdict_changes_pkey PRIMARY KEY (workspace_id, contest_id, entrant_id, id)
);
CREATE INDEX verdict_changes_by_time ON verdict_changes (workspace_id, contest_id, at, id);
CREATE TRIGGER verdict_changes_are_written_once BEFORE UPDATE OR DELETE ON verdict_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION keep_verdict_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO verdict_changes (workspace_id, contest_id, entrant_id, at,
        former_state, former_reason, former_tickets, state, reason, tickets)
    VALUES (NEW.workspace_id, NEW.contest_id, NEW.id, NEW.judged_at,
        OLD.state, OLD.reason, OLD.tickets, NEW.state, NEW.reason, NEW.tickets);
    RETURN NULL;
END
$$;
CREATE TRIGGER entrants_keep_their_history AFTER UPDATE ON entrants
    FOR EACH ROW WHEN ((OLD.state, OLD.reason, OLD.tickets)
        IS DISTINCT FROM (NEW.state, NEW.reason, NEW.tickets))
    EXECUTE FUNCTION keep_verdict_change();

-- A proposal to set aside, before the freeze, a verdict (`admit`, `exclude`) or the coverage that the
-- terms ask for, down to `least` per cent. `due_at` is the end of the public delay, where nobody else
-- could approve. It is `effective` until somebody withdraws it, and `lapsed` where the list was fixed
-- before it was decided.
CREATE TABLE override_proposals (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    contest_id uuid NOT NULL,
    kind text NOT NULL,
    entrant_id uuid,
    least smallint,
    reason text NOT NULL,
    state text NOT NULL DEFAULT 'proposed',
    proposed_by uuid NOT NULL,
    proposed_role text NOT NULL,
    proposed_at timestamptz NOT NULL,
    due_at timestamptz,
    approved_by uuid,
    approved_role text,
    effective_at timestamptz,
    ended_by uuid,
    ended_at timestamptz,
    CONSTRAINT override_proposals_pkey PRIMARY KEY (workspace_id, contest_id, id),
    CONSTRAINT override_proposals_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id),
    CONSTRAINT override_proposals_kind_known CHECK (kind IN ('admit', 'exclude', 'coverage')),
    CONSTRAINT override_proposals_about_one CHECK ((kind = 'coverage') = (entrant_id IS NULL)
        AND (kind = 'coverage') = (least IS NOT NULL)),
    CONSTRAINT override_proposals_state_known
        CHECK (state IN ('proposed', 'effective', 'withdrawn', 'lapsed')),
    CONSTRAINT override_proposals_another_person CHECK (approved_by <> proposed_by),
    CONSTRAINT override_proposals_approved_whole
        CHECK ((approved_by IS NULL) = (approved_role IS NULL)),
    CONSTRAINT override_proposals_decided CHECK (
        effective_at IS NULL OR approved_by IS NOT NULL OR due_at IS NOT NULL),
    CONSTRAINT override_proposals_effective CHECK (
        CASE state WHEN 'effective' THEN effective_at IS NOT NULL
            WHEN 'withdrawn' THEN true ELSE effective_at IS NULL END),
    CONSTRAINT override_proposals_ended
        CHECK ((state IN ('withdrawn', 'lapsed')) = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX override_proposals_once ON override_proposals
    (workspace_id, contest_id, entrant_id) WHERE state IN ('proposed', 'effective');
CREATE INDEX override_proposals_open ON override_proposals (workspace_id, contest_id, state, id)
    WHERE state IN ('proposed', 'effective');
CREATE UNIQUE INDEX override_proposals_coverage_once ON override_proposals
    (workspace_id, contest_id) WHERE kind = 'coverage' AND state = 'proposed';
CREATE TRIGGER override_proposals_are_kept BEFORE DELETE ON override_proposals
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER override_proposals_are_ended_once BEFORE UPDATE ON override_proposals
    FOR EACH ROW WHEN (OLD.state IN ('withdrawn', 'lapsed')
        OR (OLD.kind, OLD.entrant_id, OLD.least, OLD.reason, OLD.proposed_by, OLD.proposed_role,
            OLD.proposed_at, OLD.due_at)
        IS DISTINCT FROM (NEW.kind, NEW.entrant_id, NEW.least, NEW.reason, NEW.proposed_by,
            NEW.proposed_role, NEW.proposed_at, NEW.due_at))
    EXECUTE FUNCTION refuse_change();

-- What one owner alone went on below, by a release that asked for no approval yet, stays in force.
INSERT INTO override_proposals (workspace_id, contest_id, kind, least, reason, state, proposed_by,
    proposed_role, proposed_at, due_at, effective_at)
SELECT workspace_id, contest_id, kind, 0, reason, 'effective', person_id, 'owner', at, at, at
FROM overrides WHERE kind = 'coverage' AND person_id IS NOT NULL ORDER BY id;

-- What was set aside, and what of it was taken back, stands here for ever.
ALTER TABLE overrides
    ADD COLUMN entrant_id uuid,
    DROP CONSTRAINT overrides_kind_known,
    ADD CONSTRAINT overrides_kind_known
        CHECK (kind IN ('coverage', 'recheck', 'admit', 'exclude', 'withdrawn'));

-- An entrant asks, before the freeze, to be checked again. `text` and `answer` are personal, and empty
-- once the person was erased; the verdict is the one that was appealed against. It is `unanswered`
-- where the list was fixed first.
CREATE TABLE appeals (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    entrant_id uuid NOT NULL,
    text text NOT NULL,
    made_at timestamptz NOT NULL,
    former_state text NOT NULL,
    former_reason text NOT NULL,
    former_tickets integer NOT NULL,
    state text NOT NULL DEFAULT 'open',
    outcome text,
    answer text NOT NULL DEFAULT '',
    answered_by uuid,
    ended_at timestamptz,
    CONSTRAINT appeals_pkey PRIMARY KEY (workspace_id, contest_id, id),
    CONSTRAINT appeals_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id),
    CONSTRAINT appeals_state_known CHECK (state IN ('open', 'answered', 'unanswered')),
    CONSTRAINT appeals_outcome_known
        CHECK (outcome IN ('unchanged', 'changed', 'override_proposed', 'nothing_to_do')),
    CONSTRAINT appeals_answered_whole CHECK ((state = 'answered') = (outcome IS NOT NULL)
        AND (state = 'answered') = (answered_by IS NOT NULL)),
    CONSTRAINT appeals_ended CHECK ((state = 'open') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX appeals_open_once ON appeals (workspace_id, contest_id, entrant_id)
    WHERE state = 'open';
CREATE INDEX appeals_by_state ON appeals (workspace_id, contest_id, state, id);
CREATE INDEX appeals_of_entrant ON appeals (workspace_id, contest_id, entrant_id, id);
