-- Take the rows of a table of the catalog as text; for PostgreSQL.
-- identifiers: table, values (its columns)
copy public.{table} ({values}) from stdin;
