-- Make the schema for what loads need besides the catalog; for PostgreSQL.
create schema if not exists labelhouse;
