-- The engine's state is stored in parts.
ALTER TABLE snapshot RENAME TO whole_snapshot;
CREATE TABLE snapshot (
    tenant_id INTEGER NOT NULL,
    judgement INTEGER NOT NULL,
    position INTEGER NOT NULL,
    -- From 0; together they are the state.
    part INTEGER NOT NULL,
    engine_version TEXT NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (judgement, position, part)
);
INSERT INTO snapshot (tenant_id, judgement, position, part, engine_version, state)
    SELECT tenant_id, judgement, position, 0, engine_version, state FROM whole_snapshot;
DROP TABLE whole_snapshot;
