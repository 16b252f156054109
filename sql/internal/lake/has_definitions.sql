-- Whether the warehouse has the table that says what its tables, macros and views mean.
-- DuckLake's own tables answer: duckdb_tables() would parse all views and macros of the warehouse first.
-- grain: one row
-- columns: found (number of tables named definitions in the newest state, 0 or 1)
select count(*) as found
from __ducklake_metadata_lake.ducklake_table
where end_snapshot is null and table_name = 'definitions';
