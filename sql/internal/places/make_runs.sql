-- Make the table of processes at work; each renews seen_at, on the server's clock. For PostgreSQL.
create table if not exists labelhouse.runs (
    run text primary key,
    process text not null,
    began_at timestamptz not null default now(),
    seen_at timestamptz not null default now()
);
