-- Send the rows of a table of the catalog as text; for PostgreSQL.
-- identifiers: table, values (its columns)
copy (select {values} from public.{table}) to stdout;
