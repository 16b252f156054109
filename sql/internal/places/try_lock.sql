-- Take the warehouse's lock if it is free; for PostgreSQL.
-- grain: one row
-- columns: is_ours
-- parameters: key (number of the lock)
select pg_try_advisory_lock($key) as is_ours;
