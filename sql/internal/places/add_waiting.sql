-- Keep the ledger row of an ingest for the next commit; for PostgreSQL.
-- parameters: ingest_number, ledger_row (JSON)
insert into labelhouse.waiting (ingest_number, ledger_row)
values ($ingest_number, $ledger_row)
on conflict (ingest_number) do nothing;
