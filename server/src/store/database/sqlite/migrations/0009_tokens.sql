-- Credentials of programs. Of the secret only its SHA-256 is kept, which names the tenant.
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
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
