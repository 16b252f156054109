-- Wait for the warehouse's lock; for PostgreSQL.
-- grain: one row
-- columns: nothing (void)
-- parameters: key (number of the lock)
select pg_advisory_lock($key) as nothing;
