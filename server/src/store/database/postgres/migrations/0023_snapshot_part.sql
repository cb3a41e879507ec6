-- The engine's state is stored in parts: from 0; together they are the state.
ALTER TABLE snapshot ADD COLUMN part BIGINT NOT NULL DEFAULT 0;
ALTER TABLE snapshot ALTER COLUMN part DROP DEFAULT;
ALTER TABLE snapshot DROP CONSTRAINT snapshot_pkey;
ALTER TABLE snapshot ADD PRIMARY KEY (judgement, position, part);
