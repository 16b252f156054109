-- Make the sequence of ingest numbers; for PostgreSQL.
create sequence if not exists labelhouse.ingest_numbers;
