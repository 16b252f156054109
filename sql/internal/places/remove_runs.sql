-- Forget processes that have ended; for PostgreSQL.
-- parameters: runs (their names)
delete from labelhouse.runs
where run = any($runs);
