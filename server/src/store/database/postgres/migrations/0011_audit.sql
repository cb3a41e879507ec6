-- The audit log: who changed what, and who signed in. Added to and never changed; the triggers
-- below refuse what would.
CREATE TABLE audit_entry (
    tenant_id BIGINT NOT NULL,
    -- From 1, without gaps.
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    account BIGINT,
    action TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    -- A JSON list.
    changes TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C",
    -- Random, hashed with what the entry says; NULL once somebody's traces were erased from it.
    salt BYTEA,
    -- SHA-256 of salt and what the entry says.
    content_hash BYTEA NOT NULL,
    -- SHA-256 of the entry before it and of `content_hash`.
    hash BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, seq)
);
CREATE INDEX audit_entry_by_time ON audit_entry (tenant_id, at);

-- Where each tenant's log ends and begins.
CREATE TABLE audit_counter (
    tenant_id BIGINT PRIMARY KEY,
    -- The last entry's number and hash.
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    -- Only entries before this one may be deleted; the hash of the last of them.
    kept_from BIGINT NOT NULL,
    kept_hash BYTEA NOT NULL
);

SELECT botscope_wall('audit_entry'), botscope_wall('audit_counter');

-- Only what it was done to, how it changed and from where can be erased, and nothing be put there.
CREATE FUNCTION botscope_audit_entry_is_not_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an entry of the audit log is not changed';
END $$;
CREATE TRIGGER audit_entry_is_not_changed BEFORE UPDATE ON audit_entry FOR EACH ROW
WHEN (NOT (OLD.salt IS NOT NULL AND NEW.salt IS NULL
    AND NEW.tenant_id = OLD.tenant_id AND NEW.seq = OLD.seq AND NEW.at = OLD.at
    AND NEW.actor = OLD.actor AND NEW.account IS NOT DISTINCT FROM OLD.account
    AND NEW.action = OLD.action AND NEW.content_hash = OLD.content_hash AND NEW.hash = OLD.hash
    AND NEW.object = '' AND NEW.changes = '[]' AND NEW.address IS NULL))
EXECUTE FUNCTION botscope_audit_entry_is_not_changed();

CREATE FUNCTION botscope_audit_entry_is_kept() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM audit_counter c
               WHERE c.tenant_id = OLD.tenant_id AND c.kept_from > OLD.seq) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an entry of the audit log is kept until its time is over';
END $$;
CREATE TRIGGER audit_entry_is_kept BEFORE DELETE ON audit_entry FOR EACH ROW
EXECUTE FUNCTION botscope_audit_entry_is_kept();
