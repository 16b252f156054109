-- Remove the rows of a table of the catalog; for PostgreSQL.
-- identifiers: table
truncate public.{table};
