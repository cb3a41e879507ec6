-- An erasure is a job that goes on after a restart. Until it has ended it stands there whose traces
-- they are; how much there was is known once it is counted.
ALTER TABLE erasure RENAME TO former_erasure;
CREATE TABLE erasure (
    tenant_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    -- A hash with the tenant's secret.
    subject TEXT NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    -- How much was found, as JSON; NULL until it was counted.
    before TEXT,
    after TEXT,
    ended_at INTEGER,
    -- As JSON, until everything was erased.
    whose TEXT,
    -- Why it does not go on.
    reason TEXT,
    -- Whether the files were written again afterwards.
    shredded INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
INSERT INTO erasure
SELECT tenant_id, id, subject, at, author, before, after, ended_at, NULL, NULL, 1 FROM former_erasure;
DROP TABLE former_erasure;
