-- Files of each table that the newest snapshot reads, positions deleted included.
-- grain: table
-- columns: table_name, files, bytes
with files as (
    select table_id, file_size_bytes
    from __ducklake_metadata_lake.ducklake_data_file
    where end_snapshot is null
    union all
    select table_id, file_size_bytes
    from __ducklake_metadata_lake.ducklake_delete_file
    where end_snapshot is null
)

select tables.table_name, count(*) as files, cast(sum(files.file_size_bytes) as bigint) as bytes
from files
inner join __ducklake_metadata_lake.ducklake_table as tables
    on tables.table_id = files.table_id and tables.end_snapshot is null
group by tables.table_name
order by tables.table_name;
