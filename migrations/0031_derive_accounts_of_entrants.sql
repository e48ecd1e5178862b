-- Who an entrant's accounts are follows from `entrants` itself: a row for each of a million accounts
-- said nothing that `subject` does not say, except for the few that were merged into other entries.

-- The account as the draw protocol spells it: a bare DID, `vk:1`, or `vk@host:1`.
CREATE FUNCTION subject_of(platform text, instance text, account text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN instance <> '' THEN platform || '@' || instance || ':' || account
    WHEN platform = 'bluesky' THEN account
    ELSE platform || ':' || account END;

-- And back. A host may have a port, and only a DID has colons of its own.
CREATE FUNCTION account_of(subject text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN starts_with(subject, 'did:') THEN subject
    WHEN strpos(subject, ':did:') > 0 THEN substr(subject, strpos(subject, ':did:') + 1)
    ELSE split_part(subject, ':', -1) END;
CREATE FUNCTION instance_of(subject text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN strpos(subject, '@') = 0 THEN ''
    ELSE substr(subject, strpos(subject, '@') + 1,
        length(subject) - length(account_of(subject)) - strpos(subject, '@') - 1) END;

-- The entry in which the entrant's account takes part; NULL where that is its own.
ALTER TABLE entrants ADD COLUMN entry_id uuid,
    ADD CONSTRAINT entrants_merged_elsewhere
        CHECK (entry_id IS NULL OR (entry_id <> id AND subject IS NOT NULL));
UPDATE entrants n SET entry_id = x.entrant_id
FROM entrant_accounts x
WHERE n.workspace_id = x.workspace_id AND n.contest_id = x.contest_id AND n.id <> x.entrant_id
    AND n.subject = subject_of(x.platform, x.instance, x.account);
CREATE INDEX entrants_merged ON entrants (workspace_id, contest_id, entry_id)
    WHERE entry_id IS NOT NULL;

-- The accounts of each entry, to be looked up by that. Whoever was brought in has none, nor has
-- whoever was erased.
DROP TABLE entrant_accounts;
CREATE VIEW entrant_accounts AS
SELECT workspace_id, contest_id, id AS entrant_id, platform_of(subject) AS platform,
    instance_of(subject) AS instance, account_of(subject) AS account
FROM entrants
WHERE entry_id IS NULL AND subject IS NOT NULL AND platform_of(subject) <> 'import'
UNION ALL
SELECT workspace_id, contest_id, entry_id, platform_of(subject), instance_of(subject),
    account_of(subject)
FROM entrants
WHERE entry_id IS NOT NULL;
