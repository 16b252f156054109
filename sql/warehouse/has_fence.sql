-- Whether the warehouse has been created.
-- grain: one row
-- columns: found (number of tables named fence, 0 or 1)
select count(*) as found
from duckdb_tables()
where database_name = 'lake' and schema_name = 'main' and table_name = 'fence';
