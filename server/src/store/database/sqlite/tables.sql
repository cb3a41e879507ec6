-- All tables as the migrations leave them; a new file gets them at once. A migration that changes
-- them changes them here too.
-- Every table of a tenant's names it, and every statement asks for it.
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
    settings TEXT,
    kept TEXT,
    demo_seed INTEGER,
    hidden_at INTEGER,
    live_since INTEGER,
    thinned_from INTEGER,
    thinned_before INTEGER,
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
    normals BLOB,
    settings TEXT,
    judged_until INTEGER,
    usual BLOB,
    begun_at INTEGER NOT NULL DEFAULT 0,
    learned TEXT,
    commit_mark INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX judgement_by_application ON judgement (tenant_id, application);

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
    packed BLOB,
    UNIQUE (judgement, key)
);

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
    is_over INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (judgement, ended_at, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX session_by_id ON session (judgement, id);
CREATE INDEX session_provisional ON session (judgement) WHERE provisional = 1;
CREATE INDEX session_over ON session (judgement) WHERE is_over = 1;

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
    -- When its first slice begins, which is that of the crawler `name`; after it are others of the
    -- same day. The last of them to end ends at `until_at`.
    from_at INTEGER NOT NULL,
    name TEXT NOT NULL,
    tenant_id INTEGER NOT NULL,
    provisional INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    slice BLOB NOT NULL,
    PRIMARY KEY (judgement, from_at, name)
) WITHOUT ROWID;
CREATE INDEX crawler_slice_provisional ON crawler_slice (judgement) WHERE provisional = 1;

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

CREATE TABLE list_version (
    number INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    version INTEGER NOT NULL,
    list TEXT NOT NULL,
    object TEXT NOT NULL,
    -- The object's lowest and highest address, 16 bytes each.
    first BLOB NOT NULL,
    last BLOB NOT NULL,
    -- Identifiers, parted by commas; NULL for all applications.
    applications TEXT,
    reason TEXT NOT NULL,
    expires_at INTEGER,
    origin TEXT NOT NULL,
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    -- 0 for a version that says that the object is not on the list.
    present INTEGER NOT NULL,
    -- When the next version took its place; NULL for the one that counts.
    superseded_at INTEGER,
    -- Whether what follows from its end was done; for exceptions.
    lapsed INTEGER NOT NULL,
    UNIQUE (tenant_id, entry, version)
);
CREATE INDEX list_version_current ON list_version (tenant_id, list, number)
    WHERE superseded_at IS NULL;
CREATE INDEX list_version_by_time ON list_version (tenant_id, list, at);

CREATE TABLE token (
    tenant_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- NULL for never.
    expires_at INTEGER,
    last_used_at INTEGER,
    account INTEGER,
    application INTEGER,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE TABLE tenant (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    -- Since when its people and tokens are kept out; NULL for not.
    suspended_at INTEGER,
    removed_at INTEGER,
    second_factor_of TEXT NOT NULL DEFAULT 'nobody'
);
-- The one that every store begins with.
INSERT INTO tenant (id, name, created_at) VALUES (1, 'Default', 0);

CREATE TABLE account (
    id INTEGER NOT NULL PRIMARY KEY,
    -- As it was written, and as it is compared.
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- NULL where only single sign-on opens it.
    password_hash TEXT,
    -- NULL while no code is asked for after the password.
    totp_secret BLOB,
    -- One that was offered and not confirmed by a code yet.
    totp_offer BLOB,
    -- The step of the last code taken: no code is taken twice.
    totp_step INTEGER NOT NULL DEFAULT 0,
    -- NULL for who has none.
    global_role TEXT,
    created_at INTEGER NOT NULL
);

CREATE TABLE recovery_code (
    account INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (account, hash)
) WITHOUT ROWID;

CREATE TABLE member (
    tenant_id INTEGER NOT NULL,
    account INTEGER NOT NULL,
    role TEXT NOT NULL,
    since INTEGER NOT NULL,
    is_from_provider INTEGER NOT NULL DEFAULT 0,
    signed_out_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, account)
) WITHOUT ROWID;
CREATE INDEX member_account ON member (account);

CREATE TABLE login (
    id INTEGER NOT NULL PRIMARY KEY,
    secret_hash BLOB NOT NULL UNIQUE,
    -- The secret before it: holds for a moment more, for requests that were on their way.
    former_hash BLOB UNIQUE,
    rotated_at INTEGER NOT NULL,
    account INTEGER NOT NULL,
    -- The tenant that it looks at.
    tenant_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    -- However much it is used.
    ends_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    is_single_sign_on INTEGER NOT NULL,
    has_second_factor INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX login_account ON login (account);

CREATE TABLE invitation (
    tenant_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE TABLE account_link (
    secret_hash BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    -- NULL for the first account, which is not there yet.
    account INTEGER,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE sign_in_failure (
    subject BLOB NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    failed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_in_failure_failed_at ON sign_in_failure (failed_at);

CREATE TABLE audit_entry (
    tenant_id INTEGER NOT NULL,
    -- From 1, without gaps.
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    account INTEGER,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    -- A JSON list.
    changes TEXT NOT NULL,
    address TEXT,
    -- Random, hashed with what the entry says; NULL once somebody's traces were erased from it.
    salt BLOB,
    -- SHA-256 of salt and what the entry says.
    content_hash BLOB NOT NULL,
    -- SHA-256 of the entry before it and of `content_hash`.
    hash BLOB NOT NULL,
    PRIMARY KEY (tenant_id, seq)
);
CREATE INDEX audit_entry_by_time ON audit_entry (tenant_id, at);
CREATE TRIGGER audit_entry_is_not_changed BEFORE UPDATE ON audit_entry
WHEN NOT (OLD.salt IS NOT NULL AND NEW.salt IS NULL
    AND NEW.tenant_id = OLD.tenant_id AND NEW.seq = OLD.seq AND NEW.at = OLD.at
    AND NEW.actor = OLD.actor AND NEW.account IS OLD.account
    AND NEW.action = OLD.action AND NEW.content_hash = OLD.content_hash AND NEW.hash = OLD.hash
    AND NEW.object = '' AND NEW.changes = '[]' AND NEW.address IS NULL)
BEGIN
    SELECT RAISE(ABORT, 'an entry of the audit log is not changed');
END;
CREATE TRIGGER audit_entry_is_kept BEFORE DELETE ON audit_entry
WHEN NOT EXISTS (SELECT 1 FROM audit_counter c
    WHERE c.tenant_id = OLD.tenant_id AND c.kept_from > OLD.seq)
BEGIN
    SELECT RAISE(ABORT, 'an entry of the audit log is kept until its time is over');
END;

CREATE TABLE audit_counter (
    tenant_id INTEGER PRIMARY KEY,
    -- The last entry's number and hash.
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    -- Only entries before this one may be deleted; the hash of the last of them.
    kept_from INTEGER NOT NULL,
    kept_hash BLOB NOT NULL
);

CREATE TABLE account_identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) WITHOUT ROWID;
CREATE INDEX account_identity_account ON account_identity (account);

CREATE TABLE privacy (
    tenant_id INTEGER PRIMARY KEY,
    settings TEXT NOT NULL
);

CREATE TABLE erasure_key (
    tenant_id INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
);

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

CREATE TABLE retention (
    tenant_id INTEGER PRIMARY KEY,
    settings TEXT NOT NULL
);

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
