-- Names of all tables and views of the warehouse.
-- grain: table or view
-- columns: name
select tables.table_name as name
from duckdb_tables() as tables
where tables.database_name = 'lake' and tables.schema_name = 'main'
union all
select views.view_name as name
from duckdb_views() as views
where views.database_name = 'lake' and views.schema_name = 'main' and not views.internal;
