-- Release the warehouse's lock; for PostgreSQL.
-- grain: one row
-- columns: was_ours
-- parameters: key (number of the lock)
select pg_advisory_unlock($key) as was_ours;
