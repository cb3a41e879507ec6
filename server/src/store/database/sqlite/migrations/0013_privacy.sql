-- What a tenant keeps of people, as JSON.
CREATE TABLE privacy (
    tenant_id INTEGER PRIMARY KEY,
    settings TEXT NOT NULL
);

-- What the hashes of those whose traces were erased are made with.
CREATE TABLE erasure_key (
    tenant_id INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
);

-- Whose traces were erased, and the proof.
CREATE TABLE erasure (
    tenant_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    -- A hash with the tenant's secret.
    subject TEXT NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    -- How much was found, as JSON; NULL while it goes on.
    before TEXT NOT NULL,
    after TEXT,
    ended_at INTEGER,
    PRIMARY KEY (tenant_id, id)
);
