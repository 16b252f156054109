-- The data files of the newest snapshot, with the number of their deleted rows.
-- grain: data file
-- columns: table_name, path (below data/), bytes, rows, deleted_rows
with deleted as (
    select data_file_id, delete_count
    from __ducklake_metadata_lake.ducklake_delete_file
    where end_snapshot is null
)

select
    tables.table_name,
    if(files.path_is_relative, concat(schemas.path, tables.path, files.path), files.path) as path,
    files.file_size_bytes as bytes,
    files.record_count as rows,
    coalesce(deleted.delete_count, 0) as deleted_rows
from __ducklake_metadata_lake.ducklake_data_file as files
inner join __ducklake_metadata_lake.ducklake_table as tables
    on tables.table_id = files.table_id and tables.end_snapshot is null
inner join __ducklake_metadata_lake.ducklake_schema as schemas on schemas.schema_id = tables.schema_id
left join deleted on deleted.data_file_id = files.data_file_id
where files.end_snapshot is null
order by tables.table_name, files.data_file_id;
