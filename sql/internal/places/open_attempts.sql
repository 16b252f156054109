-- Ledger rows of the ingests of some processes that have not ended; for PostgreSQL.
-- grain: ingest
-- columns: ledger_row (JSON)
-- parameters: runs (their names)
select ledger_row
from labelhouse.attempts
where ended_at is null and run = any($runs)
order by ingest_number;
