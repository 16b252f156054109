-- Columns of the warehouse's tables in the attached state, in their order.
-- grain: column
-- columns: table_name, column_name, column_type (DuckLake's name of its type)
with attached as (
    select id as snapshot_id
    from lake.current_snapshot()
)

select tables.table_name, columns.column_name, columns.column_type
from attached
inner join __ducklake_metadata_lake.ducklake_table as tables
    on tables.begin_snapshot <= attached.snapshot_id
    and coalesce(tables.end_snapshot > attached.snapshot_id, true)
inner join __ducklake_metadata_lake.ducklake_column as columns
    on columns.table_id = tables.table_id
    and columns.begin_snapshot <= attached.snapshot_id
    and coalesce(columns.end_snapshot > attached.snapshot_id, true)
where columns.parent_column is null
order by tables.table_name, columns.column_order;
