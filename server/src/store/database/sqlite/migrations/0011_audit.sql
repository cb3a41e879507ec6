-- The audit log: who changed what, and who signed in. Added to and never changed; the triggers
-- below refuse what would.
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

-- Where each tenant's log ends and begins.
CREATE TABLE audit_counter (
    tenant_id INTEGER PRIMARY KEY,
    -- The last entry's number and hash.
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    -- Only entries before this one may be deleted; the hash of the last of them.
    kept_from INTEGER NOT NULL,
    kept_hash BLOB NOT NULL
);

-- Only what it was done to, how it changed and from where can be erased, and nothing be put there.
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
