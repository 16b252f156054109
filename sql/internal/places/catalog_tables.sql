-- Tables of the catalog with their columns, in order; for PostgreSQL.
-- grain: column
-- columns: table_name, column_name, data_type
select table_name, column_name, data_type
from information_schema.columns
where table_schema = 'public' and starts_with(table_name, 'ducklake_')
order by table_name, ordinal_position;
