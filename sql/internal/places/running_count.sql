-- How many of some ingests have not ended; for PostgreSQL.
-- grain: one row
-- columns: running
-- parameters: numbers (ingest numbers)
select count(*) as running
from labelhouse.attempts
where ended_at is null and ingest_number = any($numbers);
