-- What is asked is planned by what ANALYZE knows of the tables, which only their owner may run and
-- the server does not work as. By itself the database comes to it some time after much was written,
-- and to partitioned tables as a whole never.
CREATE FUNCTION botscope_analyze() RETURNS VOID
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    name TEXT;
BEGIN
    -- A partition is looked at with the whole.
    FOR name IN
        SELECT relname FROM pg_class
        WHERE relnamespace = current_schema()::REGNAMESPACE AND relkind IN ('r', 'p')
          AND relname !~ '^(_|botscope_)' AND NOT relispartition
    LOOP
        EXECUTE format('ANALYZE %I', name);
    END LOOP;
END $$;
