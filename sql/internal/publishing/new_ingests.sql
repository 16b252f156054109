-- Ingests that the published file does not show yet.
-- grain: ingest
-- columns: ingest_id, ingest_number
create or replace temp table new_ingests as
select ingest_id, ingest_number
from lake.main.ingests
where ingest_id not in (select ingest_id from published.main.ingests);
