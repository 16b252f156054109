-- Forget rows that are in the ledger now; for PostgreSQL.
-- parameters: numbers (ingest numbers)
delete from labelhouse.waiting
where ingest_number = any($numbers);
