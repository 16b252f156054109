-- Tables that DuckLake sorts when it merges their files.
-- grain: table
-- columns: table_name
select tables.table_name
from __ducklake_metadata_lake.ducklake_sort_info as sorts
inner join __ducklake_metadata_lake.ducklake_table as tables
    on tables.table_id = sorts.table_id and tables.end_snapshot is null
where sorts.end_snapshot is null;
