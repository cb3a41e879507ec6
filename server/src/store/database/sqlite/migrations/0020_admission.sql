-- How far the log of what was admitted is committed: a row for each commit of the last hours, the
-- last one for good.
CREATE TABLE admission (
    tenant_id INTEGER NOT NULL,
    application INTEGER NOT NULL,
    -- Which log: another data directory has another one.
    log INTEGER NOT NULL,
    position INTEGER NOT NULL,
    at INTEGER NOT NULL,
    -- What senders called their batches, and what they were told of them: 24 bytes each.
    batches BLOB NOT NULL,
    PRIMARY KEY (application, log, position)
) WITHOUT ROWID;
