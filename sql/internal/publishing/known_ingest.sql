-- Whether a published file that ends with an ingest can be brought up to date: the warehouse knows the ingest, and
-- no person was forgotten after it, whom the file may name.
-- grain: one row
-- columns: is_known
-- parameters: ingest_id, ingest_number
select
    count(*) filter (where ingests.ingest_id = $ingest_id and ingests.ingest_number = $ingest_number) > 0
    and count(*) filter (where ingests.status = 'forgot' and ingests.ingest_number > $ingest_number) = 0 as is_known
from ingests;
