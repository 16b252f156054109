-- The first ingest that the published file does not show yet.
-- grain: one row
-- columns: ingest_number (0 if there is none)
select coalesce(min(ingest_number), 0) as ingest_number
from temp.main.new_ingests;
