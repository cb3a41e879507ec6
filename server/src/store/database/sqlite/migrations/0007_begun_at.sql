-- The number that the next segment had when the judgement was begun. Segments before it were
-- judged in order of time, and exceptions that were logged before it do not count in it.
ALTER TABLE judgement ADD COLUMN begun_at INTEGER NOT NULL DEFAULT 0;
