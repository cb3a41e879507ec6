-- Entries of the IP lists, every version of every entry: who, when, why, until when. Of a
-- version nothing changes any more but when another took its place, and that it lapsed.

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
