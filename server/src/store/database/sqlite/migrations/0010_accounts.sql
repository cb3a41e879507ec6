-- Organisations, and the people who may sign in. An account is of the installation: it may belong
-- to several tenants, and what it may do in each is its member's row there. Of every secret only
-- its SHA-256 is kept, of a password its Argon2 hash.

CREATE TABLE tenant (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    -- Since when its people and tokens are kept out; NULL for not.
    suspended_at INTEGER
);

-- The one that is there from the start. When that was is known once it has its first account.
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

-- An account in a tenant, and what it may do there.
CREATE TABLE member (
    tenant_id INTEGER NOT NULL,
    account INTEGER NOT NULL,
    role TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, account)
) WITHOUT ROWID;
CREATE INDEX member_account ON member (account);

-- Whose a token is; NULL for one that the tenant shares.
ALTER TABLE token ADD COLUMN account INTEGER;
-- The only application that a token is for, by its identifier; NULL for all.
ALTER TABLE token ADD COLUMN application INTEGER;

-- An account in one browser.
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
    is_single_sign_on INTEGER NOT NULL
);
CREATE INDEX login_account ON login (account);

-- Whoever has the secret may become a member.
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

-- What a secret in a link, or between the two steps of signing in, is good for.
CREATE TABLE account_link (
    secret_hash BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    -- NULL for the first account, which is not there yet.
    account INTEGER,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Failed attempts by account and by address, both as hashes: neither is written down here.
CREATE TABLE sign_in_failure (
    subject BLOB NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    failed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_in_failure_failed_at ON sign_in_failure (failed_at);
