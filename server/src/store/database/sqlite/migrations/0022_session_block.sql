-- Whether a session changes no more: many of these are then stored in one block.
ALTER TABLE session ADD COLUMN is_over INTEGER NOT NULL DEFAULT 0;
CREATE INDEX session_over ON session (judgement) WHERE is_over = 1;

CREATE TABLE session_block (
    number INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL,
    judgement INTEGER NOT NULL,
    -- When the first and the last of its sessions ended.
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    sessions INTEGER NOT NULL,
    bytes BLOB NOT NULL
);
CREATE INDEX session_block_by_time ON session_block (judgement, last_at, first_at);

-- The text compressed, where `text` is empty.
ALTER TABLE user_agent ADD COLUMN packed BLOB;
