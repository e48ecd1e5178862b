-- The table of entrants by state, reason, missing condition and source together: one walk for each
-- kind that the tallies know, however many entrants there are.
CREATE FUNCTION platform_of(subject text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN starts_with(subject, 'did:') THEN 'bluesky'
    ELSE split_part(split_part(COALESCE(subject, ''), ':', 1), '@', 1) END;

DROP INDEX entrants_by_state;
CREATE INDEX entrants_by_state ON entrants
    (workspace_id, contest_id, state, reason, platform_of(subject), id);
DROP INDEX entrants_by_marks;
CREATE INDEX entrants_by_marks ON entrants
    (workspace_id, contest_id, marks, platform_of(subject), id)
    WHERE state IN ('invalid', 'cannot_verify');
