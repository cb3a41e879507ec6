-- An erasure is a job that goes on after a restart. Until it has ended it stands there whose traces
-- they are; how much there was is known once it is counted.
ALTER TABLE erasure ALTER before DROP NOT NULL;
-- As JSON, until everything was erased.
ALTER TABLE erasure ADD COLUMN whose TEXT COLLATE "C";
-- Why it does not go on.
ALTER TABLE erasure ADD COLUMN reason TEXT COLLATE "C";
-- Whether the files were written again afterwards.
ALTER TABLE erasure ADD COLUMN shredded BIGINT NOT NULL DEFAULT 0;
ALTER TABLE erasure ALTER shredded DROP DEFAULT;
