-- What is asked is planned by what ANALYZE knows of the tables, which only their owner may run and
-- the server does not work as. By itself the database comes to it some time after much was written,
-- and to partitioned tables as a whole never. Looked at are tables that never
-- were, and those of which more than a tenth has changed since: among many tenants an import into
-- one changes little.
CREATE FUNCTION botscope_analyze() RETURNS VOID
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    name TEXT;
BEGIN
    -- A partition is looked at with the whole.
    FOR name IN
        SELECT whole.relname FROM pg_class whole
        LEFT JOIN pg_inherits ON inhparent = whole.oid
        JOIN pg_stat_user_tables part ON part.relid = COALESCE(inhrelid, whole.oid)
        WHERE whole.relnamespace = current_schema()::REGNAMESPACE
          AND whole.relkind IN ('r', 'p') AND whole.relname !~ '^(_|botscope_)'
          AND NOT whole.relispartition
        GROUP BY whole.relname
        HAVING MIN(whole.reltuples) < 0
            OR 10 * SUM(part.n_mod_since_analyze) > SUM(part.n_live_tup)
    LOOP
        EXECUTE format('ANALYZE %I', name);
    END LOOP;
END $$;
