-- Whether the warehouse knows the ingest that a published file ends with.
-- grain: one row
-- columns: is_known
-- parameters: ingest_id, ingest_number
select
    count(*) > 0 as is_known
from ingests
where ingest_id = $ingest_id and ingest_number = $ingest_number;
