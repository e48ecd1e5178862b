-- How many entrants a contest had when a judging ended, so that the next one need not count a million
-- of them to tell how many came.
ALTER TABLE judgings ADD COLUMN entrants bigint;
UPDATE judgings j SET entrants = s.entrants
FROM (SELECT workspace_id, contest_id, id,
        sum(appeared) OVER (PARTITION BY workspace_id, contest_id ORDER BY id) AS entrants
    FROM judgings) s
WHERE s.workspace_id = j.workspace_id AND s.contest_id = j.contest_id AND s.id = j.id;
ALTER TABLE judgings ALTER COLUMN entrants SET NOT NULL;
