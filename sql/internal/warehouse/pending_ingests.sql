-- Ingests that changed nothing and join the ledger with the next commit, for this connection only.
-- parameters: ledger_rows (one an ingest)
create temp table pending_ingests as
select ledger_rows.*
from (select unnest($ledger_rows, max_depth := 2)) as ledger_rows
where ledger_rows.ingest_id not in (select ingests.ingest_id from lake.main.ingests as ingests);
