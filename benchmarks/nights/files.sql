-- Files of each table that the newest snapshot reads, positions deleted included.
-- grain: table
-- columns: table_name, files, bytes
with data_files as (
    select data_file_id, table_id, file_size_bytes
    from __ducklake_metadata_lake.ducklake_data_file
    where end_snapshot is null
),

files as (
    select table_id, file_size_bytes
    from data_files
    union all
    -- Deletions of a file that was released as a whole have no end of their own.
    select data_files.table_id, deletions.file_size_bytes
    from __ducklake_metadata_lake.ducklake_delete_file as deletions
    inner join data_files on data_files.data_file_id = deletions.data_file_id
    where deletions.end_snapshot is null
)

select tables.table_name, count(*) as files, cast(sum(files.file_size_bytes) as bigint) as bytes
from files
inner join __ducklake_metadata_lake.ducklake_table as tables
    on tables.table_id = files.table_id and tables.end_snapshot is null
group by tables.table_name
order by tables.table_name;
