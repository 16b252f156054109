-- Record that a process is at work still; for PostgreSQL.
-- parameters: run (its name)
update labelhouse.runs
set seen_at = now()
where run = $run;
