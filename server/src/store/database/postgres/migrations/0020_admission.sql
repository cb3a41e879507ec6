-- How far the log of what was admitted is committed: a row for each commit of the last hours, the
-- last one for good.
CREATE TABLE admission (
    tenant_id BIGINT NOT NULL,
    application BIGINT NOT NULL,
    -- Which log: another data directory has another one.
    log BIGINT NOT NULL,
    position BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- What senders called their batches, and what they were told of them: 24 bytes each.
    batches BYTEA NOT NULL,
    PRIMARY KEY (application, log, position)
);

SELECT botscope_wall('admission');
