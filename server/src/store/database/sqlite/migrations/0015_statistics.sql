-- Nothing: only PostgreSQL plans by statistics that somebody has to gather.
SELECT 1;
