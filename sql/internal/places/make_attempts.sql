-- Make the table of ingests from their start on: a number is given once, ever. For PostgreSQL.
create table if not exists labelhouse.attempts (
    ingest_number bigint primary key,
    ingest_id text not null unique,
    run text not null,
    ledger_row jsonb not null,
    ended_at timestamptz
);
