-- What an organiser's public record counts, without looking at each contest.

-- When the first terms promised the draw; amendments leave it as it was.
ALTER TABLE contests ADD COLUMN promised_draw_at timestamptz;
UPDATE contests c SET promised_draw_at = to_timestamp(
    (convert_from(e.line, 'UTF8')::jsonb -> 'body' ->> 'draw_at')::bigint)
FROM events e
WHERE e.workspace_id = c.workspace_id AND e.contest_id = c.id AND e.type = 'rules';

CREATE INDEX contests_public ON contests (workspace_id, practice, id) WHERE terms_version > 0;
CREATE INDEX events_taking_out ON events (workspace_id) WHERE type = 'dq';
