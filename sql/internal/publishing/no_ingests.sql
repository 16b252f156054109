-- No ingests: the tables of the published file are made with these before they are filled.
-- grain: ingest
-- columns: ingest_id, ingest_number
create or replace temp table new_ingests as
select ingest_id, ingest_number
from lake.main.ingests
limit 0;
