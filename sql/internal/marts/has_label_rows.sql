-- Whether a snapshot has label rows: those from before a migration may lack the table.
-- grain: one row
-- columns: has_label_rows
-- parameters: of_commit (snapshot)
select exists(
    select 1
    from __ducklake_metadata_lake.ducklake_table as tables
    inner join __ducklake_metadata_lake.ducklake_data_file as files on files.table_id = tables.table_id
    where
        tables.table_name = 'label_rows'
        and tables.begin_snapshot <= $of_commit
        and coalesce(tables.end_snapshot > $of_commit, true)
        and files.begin_snapshot <= $of_commit
        and coalesce(files.end_snapshot > $of_commit, true)
) as has_label_rows;
