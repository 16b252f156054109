-- Record ingests that begin; for PostgreSQL.
-- parameters: ingest_number, ingest_id, run, ledger_row (JSON)
insert into labelhouse.attempts (ingest_number, ingest_id, run, ledger_row)
values ($ingest_number, $ingest_id, $run, $ledger_row);
