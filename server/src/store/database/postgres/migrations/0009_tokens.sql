-- Credentials of programs. Of the secret only its SHA-256 is kept, which names the tenant.
CREATE TABLE token (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    secret_hash BYTEA NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    -- NULL for never.
    expires_at BIGINT,
    last_used_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
SELECT botscope_wall('token', has_door => TRUE);
