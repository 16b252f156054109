-- Commits that the marts lack and after which the warehouse had label rows. Those from before a migration may lack
-- the table.
-- grain: commit
-- columns: snapshot_id
select distinct new_ingests.snapshot_id
from temp.main.new_ingests as new_ingests
where exists (
    select 1
    from __ducklake_metadata_lake.ducklake_table as tables
    inner join __ducklake_metadata_lake.ducklake_data_file as files on files.table_id = tables.table_id
    where
        tables.table_name = 'label_rows'
        and tables.begin_snapshot <= new_ingests.snapshot_id
        and coalesce(tables.end_snapshot > new_ingests.snapshot_id, true)
        and files.begin_snapshot <= new_ingests.snapshot_id
        and coalesce(files.end_snapshot > new_ingests.snapshot_id, true)
);
