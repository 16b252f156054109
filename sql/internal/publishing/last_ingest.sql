-- The last ingest, in the ledger or waiting for the next commit.
-- grain: one row
-- columns: ingest_number (null in a warehouse without ingests)
select max(ingest_number) as ingest_number
from ingests;
