-- Those of some ingests that the ledger knows.
-- grain: ingest
-- columns: ingest_id
-- parameters: ingest_ids
select ingest_id
from ingests
where list_contains($ingest_ids, ingest_id);
