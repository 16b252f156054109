-- Make the table of ledger rows that wait for the next commit; for PostgreSQL.
create table if not exists labelhouse.waiting (
    ingest_number bigint primary key,
    ledger_row jsonb not null
);
