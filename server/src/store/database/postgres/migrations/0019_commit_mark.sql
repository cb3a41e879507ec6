-- Names the last commit, so that one whose end nobody saw is found again, or not, for certain.
ALTER TABLE judgement ADD COLUMN commit_mark BIGINT NOT NULL DEFAULT 0;

-- What runs with the owner's rights looks for temporary tables last: unless they are named in the
-- path they come first, and somebody's own pg_class would stand in for the catalogue.
DO $$
DECLARE
    wanted RECORD;
BEGIN
    FOR wanted IN
        SELECT oid::REGPROCEDURE AS name FROM pg_proc
        WHERE pronamespace = current_schema()::REGNAMESPACE AND prosecdef
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', wanted.name,
                       current_schema());
    END LOOP;
END $$;
