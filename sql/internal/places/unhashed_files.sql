-- Files that the catalog needs and whose checksum is not known; for PostgreSQL.
-- grain: file
-- columns: path (below the data)
with files as (
    select table_id, path
    from public.ducklake_data_file
    where path_is_relative
    union
    select table_id, path
    from public.ducklake_delete_file
    where path_is_relative
),

tables as (
    select distinct on (table_id) table_id, schema_id, path
    from public.ducklake_table
    order by table_id, begin_snapshot desc
)

select concat(schemas.path, tables.path, files.path) as path
from files
inner join tables on tables.table_id = files.table_id
inner join public.ducklake_schema as schemas on schemas.schema_id = tables.schema_id
where not exists (
    select 1
    from labelhouse.checksums
    where checksums.path = concat(schemas.path, tables.path, files.path)
);
