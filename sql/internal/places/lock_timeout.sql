-- Bound how long this session waits for a lock; for PostgreSQL.
-- grain: one row
-- columns: lock_timeout
-- parameters: timeout (such as 600000ms)
select set_config('lock_timeout', $timeout, false) as lock_timeout;
