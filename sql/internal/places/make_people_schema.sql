-- Make the schema for what ties tokens to people, to which readers have no right; for PostgreSQL.
create schema if not exists labelhouse_people;
