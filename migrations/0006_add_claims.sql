-- Disqualifications by persons, which need a second person or a public delay, and the claims of
-- winners with their clocks.

-- A proposal to take an entry out after the freeze. `due_at` is the end of the public delay, where
-- nobody else could approve. It is `approved` while it waits for the result; `overtaken` by a
-- decision of the service about the same entry, or by the end of the contest. `decided_by` is who
-- approved or withdrew it, and nobody where the delay decided. `seq` is its event's.
CREATE TABLE disqualifications (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    contest_id uuid NOT NULL,
    entry uuid NOT NULL,
    commitment bytea NOT NULL,
    reason text NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamptz NOT NULL,
    due_at timestamptz,
    state text NOT NULL DEFAULT 'proposed',
    decided_by uuid,
    decided_at timestamptz,
    seq integer,
    effective_at timestamptz,
    CONSTRAINT disqualifications_pkey PRIMARY KEY (workspace_id, contest_id, id),
    CONSTRAINT disqualifications_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id),
    CONSTRAINT disqualifications_event FOREIGN KEY (workspace_id, contest_id, seq)
        REFERENCES events (workspace_id, contest_id, seq),
    CONSTRAINT disqualifications_state_known
        CHECK (state IN ('proposed', 'approved', 'effective', 'withdrawn', 'overtaken')),
    CONSTRAINT disqualifications_another_person
        CHECK (state NOT IN ('approved', 'effective') OR decided_by <> proposed_by),
    CONSTRAINT disqualifications_decided CHECK ((state = 'proposed') = (decided_at IS NULL)),
    CONSTRAINT disqualifications_delayed
        CHECK (state <> 'effective' OR decided_by IS NOT NULL OR due_at IS NOT NULL),
    CONSTRAINT disqualifications_effective
        CHECK ((state = 'effective') = (seq IS NOT NULL)
            AND (state = 'effective') = (effective_at IS NOT NULL))
);
CREATE UNIQUE INDEX disqualifications_open_once ON disqualifications
    (workspace_id, contest_id, commitment) WHERE state IN ('proposed', 'approved');
CREATE TRIGGER disqualifications_are_kept BEFORE DELETE ON disqualifications
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disqualifications_are_decided_once BEFORE UPDATE ON disqualifications
    FOR EACH ROW WHEN (OLD.state IN ('effective', 'withdrawn', 'overtaken')
        OR (OLD.entry, OLD.commitment, OLD.reason, OLD.proposed_by, OLD.proposed_at, OLD.due_at)
            IS DISTINCT FROM (NEW.entry, NEW.commitment, NEW.reason, NEW.proposed_by,
                NEW.proposed_at, NEW.due_at))
    EXECUTE FUNCTION refuse_change();

-- Whom the announcement of the event `seq` names as a new holder of a prize. The time to claim it
-- begins when that announcement is published. `entry` is unknown where the person was erased before.
CREATE TABLE namings (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    commitment bytea NOT NULL,
    seq integer NOT NULL,
    entry uuid,
    CONSTRAINT namings_pkey PRIMARY KEY (workspace_id, contest_id, commitment, seq),
    CONSTRAINT namings_event FOREIGN KEY (workspace_id, contest_id, seq)
        REFERENCES events (workspace_id, contest_id, seq)
);
CREATE TRIGGER namings_are_written_once BEFORE UPDATE OR DELETE ON namings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- That a winner accepted: one claim for all that an entry wins. `noted_by` is the person of the
-- organiser who wrote it down, if it was one.
CREATE TABLE claims (
    workspace_id uuid NOT NULL,
    contest_id uuid NOT NULL,
    commitment bytea NOT NULL,
    claimed_at timestamptz NOT NULL,
    how text NOT NULL,
    noted_by uuid,
    CONSTRAINT claims_pkey PRIMARY KEY (workspace_id, contest_id, commitment),
    CONSTRAINT claims_contest FOREIGN KEY (workspace_id, contest_id)
        REFERENCES contests (workspace_id, id),
    CONSTRAINT claims_how_known CHECK (how IN ('noted', 'page'))
);
CREATE TRIGGER claims_are_written_once BEFORE UPDATE OR DELETE ON claims
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
