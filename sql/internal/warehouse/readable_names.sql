-- Names of all tables and views of the warehouse, from its catalog: to list them by DuckDB would bind each view.
-- grain: table or view
-- columns: name
with attached as (
    select id as snapshot_id
    from lake.current_snapshot()
),

named as (
    select tables.table_name as name, tables.schema_id, tables.begin_snapshot, tables.end_snapshot
    from __ducklake_metadata_lake.ducklake_table as tables
    union all
    select views.view_name as name, views.schema_id, views.begin_snapshot, views.end_snapshot
    from __ducklake_metadata_lake.ducklake_view as views
)

select named.name
from named
inner join __ducklake_metadata_lake.ducklake_schema as schemas
    on schemas.schema_id = named.schema_id and schemas.schema_name = 'main' and schemas.end_snapshot is null
inner join attached
    on attached.snapshot_id >= named.begin_snapshot
    and coalesce(named.end_snapshot > attached.snapshot_id, true);
