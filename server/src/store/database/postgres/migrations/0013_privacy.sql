-- What a tenant keeps of people, as JSON.
CREATE TABLE privacy (
    tenant_id BIGINT PRIMARY KEY,
    settings TEXT COLLATE "C" NOT NULL
);

-- What the hashes of those whose traces were erased are made with.
CREATE TABLE erasure_key (
    tenant_id BIGINT PRIMARY KEY,
    bytes BYTEA NOT NULL
);

-- Whose traces were erased, and the proof.
CREATE TABLE erasure (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    -- A hash with the tenant's secret.
    subject TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    author TEXT COLLATE "C" NOT NULL,
    -- How much was found, as JSON; NULL while it goes on.
    before TEXT COLLATE "C" NOT NULL,
    after TEXT COLLATE "C",
    ended_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);

SELECT botscope_wall('privacy'), botscope_wall('erasure_key'), botscope_wall('erasure');
