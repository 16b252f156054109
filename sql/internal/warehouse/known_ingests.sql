-- Which of some attempts the ledger knows.
-- grain: attempt
-- columns: ingest_id
-- parameters: ingest_ids
select ingest_id
from ingests
where list_contains($ingest_ids, ingest_id);
