-- Index the ingests by the process that loads them; for PostgreSQL.
create index if not exists attempts_by_run on labelhouse.attempts (ended_at, run);
