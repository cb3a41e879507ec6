-- Every table names its tenant, and every statement asks for it.
-- Rows that the engine emits hang on a judgement: one generation of verdicts on an application.
-- `provisional` marks rows of a preview; the next commit removes them.
-- Moments are milliseconds since 1970 UTC; identifiers are 64 bits, stored as signed integers.

CREATE TABLE application (
    -- Not given again after a removal: what is cached goes by it.
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- The judgement that is shown.
    judgement INTEGER NOT NULL,
    requests INTEGER NOT NULL DEFAULT 0,
    first_request_at INTEGER,
    last_request_at INTEGER,
    UNIQUE (tenant_id, id),
    UNIQUE (tenant_id, name)
);

CREATE TABLE judgement (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id INTEGER NOT NULL,
    application INTEGER NOT NULL,
    -- Inputs up to this segment are judged; -1 before the first.
    position INTEGER NOT NULL DEFAULT -1,
    -- Changes with every commit and whenever its sessions do.
    revision INTEGER NOT NULL DEFAULT 0,
    -- Changes when attacks are marked as excepted, or not any more, without a commit.
    marks INTEGER NOT NULL DEFAULT 0,
    -- Requests that came too late to be judged in it.
    late INTEGER NOT NULL DEFAULT 0,
    learning_actors INTEGER NOT NULL DEFAULT 0,
    learning_hours INTEGER NOT NULL DEFAULT 0,
    learning_percent INTEGER NOT NULL DEFAULT 0,
    -- What is normal for the heatmaps; NULL for the documented defaults.
    normals BLOB
);
CREATE INDEX judgement_by_application ON judgement (tenant_id, application);

CREATE TABLE snapshot (
    tenant_id INTEGER NOT NULL,
    judgement INTEGER NOT NULL,
    position INTEGER NOT NULL,
    engine_version TEXT NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (judgement, position)
);

CREATE TABLE host (
    tenant_id INTEGER NOT NULL,
    application INTEGER NOT NULL,
    name TEXT NOT NULL,
    requests INTEGER NOT NULL,
    PRIMARY KEY (application, name)
) WITHOUT ROWID;

CREATE TABLE source (
    tenant_id INTEGER NOT NULL,
    application INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,
    prefix_bytes INTEGER NOT NULL,
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    PRIMARY KEY (application, fingerprint, prefix_bytes)
) WITHOUT ROWID;

-- The engine's log: `kind` is NULL for requests, 1 for exceptions, 2 for where crawlers come
-- from, 3 for their addresses that were looked up.
CREATE TABLE segment (
    tenant_id INTEGER NOT NULL,
    application INTEGER NOT NULL,
    number INTEGER NOT NULL,
    kind INTEGER,
    min_at INTEGER NOT NULL,
    max_at INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (application, number)
);

-- An endpoint that was folded into another keeps its row, without texts, for those that refer
-- to it by number; `folded_into` is never itself folded.
CREATE TABLE endpoint (
    number INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL,
    judgement INTEGER NOT NULL,
    key INTEGER NOT NULL,
    method TEXT NOT NULL,
    host TEXT NOT NULL,
    template TEXT NOT NULL,
    -- A mask over the order of the endpoint tags.
    tags INTEGER NOT NULL,
    folded_into INTEGER
);

-- Where each key counts: itself, or what it was folded into. Most folded ones have no row above.
CREATE TABLE endpoint_key (
    judgement INTEGER NOT NULL,
    key INTEGER NOT NULL,
    tenant_id INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    PRIMARY KEY (judgement, key)
) WITHOUT ROWID;

CREATE TABLE user_agent (
    number INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL,
    judgement INTEGER NOT NULL,
    key INTEGER NOT NULL,
    class TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (judgement, key)
);

-- Clustered by end, the order in which sessions are listed.
CREATE TABLE session (
    judgement INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    id INTEGER NOT NULL,
    tenant_id INTEGER NOT NULL,
    provisional INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    -- 4 or 16 bytes.
    address BLOB NOT NULL,
    endpoint_1 INTEGER,
    endpoint_2 INTEGER,
    endpoint_3 INTEGER,
    summary BLOB NOT NULL,
    PRIMARY KEY (judgement, ended_at, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX session_by_id ON session (judgement, id);
CREATE INDEX session_provisional ON session (judgement) WHERE provisional = 1;

CREATE TABLE attack (
    number INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL,
    judgement INTEGER NOT NULL,
    id INTEGER NOT NULL,
    provisional INTEGER NOT NULL,
    -- Primary and secondary types, a mask over the order of the attack types.
    types INTEGER NOT NULL,
    -- The primary type's place in that order.
    primary_type INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    confidence INTEGER NOT NULL,
    address_count INTEGER NOT NULL,
    -- Whether all its addresses are on the exception list.
    excepted INTEGER NOT NULL,
    record BLOB NOT NULL,
    UNIQUE (judgement, id)
);
CREATE INDEX attack_by_end ON attack (tenant_id, ended_at, id);
CREATE INDEX attack_excepted ON attack (judgement) WHERE excepted = 1;
CREATE INDEX attack_provisional ON attack (judgement) WHERE provisional = 1;

-- The tables below name an attack by its number.
CREATE TABLE attack_session (
    judgement INTEGER NOT NULL,
    session INTEGER NOT NULL,
    attack INTEGER NOT NULL,
    tenant_id INTEGER NOT NULL,
    provisional INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    PRIMARY KEY (judgement, session, attack)
) WITHOUT ROWID;
CREATE INDEX attack_session_by_attack ON attack_session (attack, ended_at);
CREATE INDEX attack_session_provisional ON attack_session (judgement) WHERE provisional = 1;

CREATE TABLE attack_address (
    judgement INTEGER NOT NULL,
    attack INTEGER NOT NULL,
    address BLOB NOT NULL,
    tenant_id INTEGER NOT NULL,
    provisional INTEGER NOT NULL,
    PRIMARY KEY (judgement, attack, address)
) WITHOUT ROWID;
CREATE INDEX attack_address_provisional ON attack_address (judgement) WHERE provisional = 1;

-- Rows of one attack in one segment that one commit added.
CREATE TABLE attack_request (
    judgement INTEGER NOT NULL,
    attack INTEGER NOT NULL,
    segment INTEGER NOT NULL,
    -- The judgement's revision.
    revision INTEGER NOT NULL,
    tenant_id INTEGER NOT NULL,
    provisional INTEGER NOT NULL,
    rows BLOB NOT NULL,
    PRIMARY KEY (judgement, attack, segment, revision)
) WITHOUT ROWID;
CREATE INDEX attack_request_provisional ON attack_request (judgement) WHERE provisional = 1;

CREATE TABLE attack_slice (
    judgement INTEGER NOT NULL,
    attack INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    tenant_id INTEGER NOT NULL,
    provisional INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    slice BLOB NOT NULL,
    PRIMARY KEY (judgement, attack, from_at)
) WITHOUT ROWID;
CREATE INDEX attack_slice_provisional ON attack_slice (judgement) WHERE provisional = 1;

CREATE TABLE crawler_slice (
    judgement INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    name TEXT NOT NULL,
    tenant_id INTEGER NOT NULL,
    provisional INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    slice BLOB NOT NULL,
    PRIMARY KEY (judgement, from_at, name)
) WITHOUT ROWID;
CREATE INDEX crawler_slice_provisional ON crawler_slice (judgement) WHERE provisional = 1;

-- The last number given in each tenant's feed.
CREATE TABLE change_counter (
    tenant_id INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL
);

CREATE TABLE changes (
    tenant_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    ref INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, seq)
) WITHOUT ROWID;
