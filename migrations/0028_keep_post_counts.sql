-- A post's own counters, by action, as they were when somebody last looked at it.
ALTER TABLE targets ADD COLUMN counts jsonb NOT NULL DEFAULT '{}';
ALTER TABLE targets ADD COLUMN counted_at timestamptz;
