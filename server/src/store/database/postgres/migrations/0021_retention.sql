-- How long a tenant keeps what, as JSON; the longest where nothing is said.
CREATE TABLE retention (
    tenant_id BIGINT PRIMARY KEY,
    settings TEXT COLLATE "C" NOT NULL
);

-- The moment of the first request that came live; NULL while all of it was imported.
ALTER TABLE application ADD COLUMN live_since BIGINT;
UPDATE application SET live_since = first_request_at WHERE demo_seed IS NOT NULL;

-- Of which time requests may be missing: attacks of it cannot be judged again.
ALTER TABLE application ADD COLUMN thinned_from BIGINT;
ALTER TABLE application ADD COLUMN thinned_before BIGINT;

SELECT botscope_wall('retention');
