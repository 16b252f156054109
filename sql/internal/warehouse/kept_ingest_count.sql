-- Number of ingests that a warehouse is kept for: those that were not rejected.
-- grain: one row
-- columns: ingest_count
select count(*) as ingest_count
from ingests
where ingests.status <> 'rejected';
