-- The columns of the warehouse's tables, in their order.
-- grain: column
-- columns: table_name, column_name, column_type (DuckLake's name of its type)
select tables.table_name, columns.column_name, columns.column_type
from __ducklake_metadata_lake.ducklake_column as columns
inner join __ducklake_metadata_lake.ducklake_table as tables on tables.table_id = columns.table_id
where columns.end_snapshot is null and tables.end_snapshot is null and columns.parent_column is null
order by tables.table_name, columns.column_order;
