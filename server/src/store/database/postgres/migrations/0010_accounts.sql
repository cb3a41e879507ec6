-- Organisations, and the people who may sign in. An account is of the installation: it may belong
-- to several tenants, and what it may do in each is its member's row there. Of every secret only
-- its SHA-256 is kept, of a password its Argon2 hash.

CREATE TABLE tenant (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    -- Since when its people and tokens are kept out; NULL for not.
    suspended_at BIGINT
);

-- The one that is there from the start. When that was is known once it has its first account.
INSERT INTO tenant (id, name, created_at) VALUES (1, 'Default', 0);

CREATE TABLE account (
    id BIGINT NOT NULL PRIMARY KEY,
    -- As it was written, and as it is compared.
    email TEXT COLLATE "C" NOT NULL,
    email_key TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    -- NULL where only single sign-on opens it.
    password_hash TEXT COLLATE "C",
    -- NULL while no code is asked for after the password.
    totp_secret BYTEA,
    -- One that was offered and not confirmed by a code yet.
    totp_offer BYTEA,
    -- The step of the last code taken: no code is taken twice.
    totp_step BIGINT NOT NULL DEFAULT 0,
    -- NULL for who has none.
    global_role TEXT COLLATE "C",
    created_at BIGINT NOT NULL
);

CREATE TABLE recovery_code (
    account BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (account, hash)
);

-- An account in a tenant, and what it may do there.
CREATE TABLE member (
    tenant_id BIGINT NOT NULL,
    account BIGINT NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, account)
);
CREATE INDEX member_account ON member (account);

-- Whose a token is; NULL for one that the tenant shares.
ALTER TABLE token ADD COLUMN account BIGINT;
-- The only application that a token is for, by its identifier; NULL for all.
ALTER TABLE token ADD COLUMN application BIGINT;

-- An account in one browser.
CREATE TABLE login (
    id BIGINT NOT NULL PRIMARY KEY,
    secret_hash BYTEA NOT NULL UNIQUE,
    -- The secret before it: holds for a moment more, for requests that were on their way.
    former_hash BYTEA UNIQUE,
    rotated_at BIGINT NOT NULL,
    account BIGINT NOT NULL,
    -- The tenant that it looks at.
    tenant_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    -- However much it is used.
    ends_at BIGINT NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    user_agent TEXT COLLATE "C" NOT NULL,
    is_single_sign_on BIGINT NOT NULL
);
CREATE INDEX login_account ON login (account);

-- Whoever has the secret may become a member.
CREATE TABLE invitation (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    secret_hash BYTEA NOT NULL UNIQUE,
    email TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- What a secret in a link, or between the two steps of signing in, is good for.
CREATE TABLE account_link (
    secret_hash BYTEA NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    -- NULL for the first account, which is not there yet.
    account BIGINT,
    expires_at BIGINT NOT NULL
);

-- Failed attempts by account and by address, both as hashes: neither is written down here.
CREATE TABLE sign_in_failure (
    subject BYTEA NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    failed_at BIGINT NOT NULL
);
CREATE INDEX sign_in_failure_failed_at ON sign_in_failure (failed_at);

-- Whose a credential is, and which tenants an account belongs to, is asked before one is chosen;
-- and an account is removed from all of them at once.
SELECT botscope_wall('member', has_door => TRUE), botscope_wall('invitation', has_door => TRUE),
       botscope_wall('login', has_door => TRUE);
