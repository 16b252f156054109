-- Record a process that begins to work; for PostgreSQL.
-- parameters: run (its name), process (its id and machine)
insert into labelhouse.runs (run, process)
values ($run, $process);
