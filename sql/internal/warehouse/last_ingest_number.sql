-- The highest ingest number that a commit has used.
-- grain: one row
-- columns: ingest_number
select coalesce(max(ingest_number), 0) as ingest_number
from ingests;
