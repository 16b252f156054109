-- Write ingests into the ledger; skip those that it already has.
-- parameters: ledger_rows (one an ingest)
insert into ingests
select ledger_rows.*
from (select unnest($ledger_rows, max_depth := 2)) as ledger_rows
where ledger_rows.ingest_id not in (select ingest_id from ingests);
