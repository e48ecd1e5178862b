-- What a contest post says, as it was last read; null where the platform does not tell. It changed
-- when it was first read to be another, which is null for one that has always been the same.
ALTER TABLE targets ADD COLUMN text text;
ALTER TABLE targets ADD COLUMN text_changed_at timestamptz;
ALTER TABLE targets ADD CONSTRAINT targets_changed_known
    CHECK (text_changed_at IS NULL OR text IS NOT NULL);

-- A person's accounts in the order in which they entered, of which one is told at a time. Where
-- another of them is told, or is told first, a notice is for nobody: `elsewhere`.
ALTER TABLE notices ADD COLUMN place smallint NOT NULL DEFAULT 0;
ALTER TABLE notices DROP CONSTRAINT notices_state_known;
ALTER TABLE notices ADD CONSTRAINT notices_state_known
    CHECK (state IN ('due', 'told', 'unreachable', 'failed', 'withdrawn', 'elsewhere'));
