-- Whether the warehouse tells what its tables, macros and views mean.
-- grain: one row
-- columns: found (number of tables named definitions, 0 or 1)
select count(*) as found
from duckdb_tables()
where database_name = 'lake' and schema_name = 'main' and table_name = 'definitions';
