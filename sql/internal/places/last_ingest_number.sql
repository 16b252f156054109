-- The highest ingest number in the ledger.
-- grain: one row
-- columns: ingest_number
select coalesce(max(ingest_number), 0) as ingest_number
from ingests;
