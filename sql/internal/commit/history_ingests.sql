-- Ingests of a commit.
-- grain: ingest
-- columns: ingest_id, ingest_number, changed_at
-- parameters: ingests (ledger rows of the commit)
create or replace temp table history_ingests as
select ingest_id, ingest_number, started_at as changed_at
from (select unnest($ingests, max_depth := 2));
