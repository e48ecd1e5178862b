-- When a community's credential ends, as far as its platform lets that be known, and whether it is
-- renewed by itself before. Null where it does not end, or where that is not known.

ALTER TABLE communities ADD COLUMN credential_ends_at timestamptz;
ALTER TABLE communities ADD COLUMN credential_renews boolean NOT NULL DEFAULT false;
-- The operator's metrics count those that end soon; most never do.
CREATE INDEX communities_ending ON communities (credential_ends_at)
    WHERE removed_at IS NULL AND credential_ends_at IS NOT NULL;
