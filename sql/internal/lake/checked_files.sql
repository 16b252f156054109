-- Every file that some snapshot in the catalog needs.
-- grain: file
-- columns: path (below data/), table_name, rows (rows, or positions deleted), bytes, is_live (of the
--   newest snapshot), snapshot_id (of the commit that wrote it)
with files as (
    select table_id, path, path_is_relative, record_count as rows, file_size_bytes, end_snapshot, begin_snapshot, partial_max
    from __ducklake_metadata_lake.ducklake_data_file
    union all
    select table_id, path, path_is_relative, delete_count, file_size_bytes, end_snapshot, begin_snapshot, partial_max
    from __ducklake_metadata_lake.ducklake_delete_file
),

tables as (
    select table_id, schema_id, table_name, path
    from __ducklake_metadata_lake.ducklake_table
    qualify row_number() over (partition by table_id order by begin_snapshot desc) = 1
)

select distinct
    if(files.path_is_relative, concat(schemas.path, tables.path, files.path), files.path) as path,
    tables.table_name,
    files.rows,
    files.file_size_bytes as bytes,
    files.end_snapshot is null as is_live,
    -- a file of deleted positions that replaces an earlier one begins where that one began
    greatest(files.begin_snapshot, coalesce(files.partial_max, 0)) as snapshot_id
from files
inner join tables on tables.table_id = files.table_id
inner join __ducklake_metadata_lake.ducklake_schema as schemas on schemas.schema_id = tables.schema_id
order by path;
