-- Record that ingests have ended; for PostgreSQL.
-- parameters: numbers (ingest numbers)
update labelhouse.attempts
set ended_at = now()
where ended_at is null and ingest_number = any($numbers);
