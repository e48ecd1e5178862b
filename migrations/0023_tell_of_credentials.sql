-- Since when a community fares as it does. Of what was connected before this was noted it is known
-- when that was last looked at.
ALTER TABLE communities ADD COLUMN health_since timestamptz NOT NULL DEFAULT now();
UPDATE communities SET health_since = coalesce(checked_at, created_at);

-- When each part of a credential was given, by the part's name. A part that is not named was given
-- before this was noted.
ALTER TABLE communities ADD COLUMN credential_parts jsonb NOT NULL DEFAULT '{}';

-- A sign-in may be for a community that is not connected yet: then it says how somebody named it, and
-- the servers that are not the platform's public ones.
ALTER TABLE sign_ins ALTER COLUMN community_id DROP NOT NULL;
ALTER TABLE sign_ins ADD COLUMN named text;
ALTER TABLE sign_ins ADD COLUMN endpoints jsonb NOT NULL DEFAULT '{}';
ALTER TABLE sign_ins ADD CONSTRAINT sign_ins_for_one
    CHECK ((community_id IS NULL) = (named IS NOT NULL));
