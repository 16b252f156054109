-- Whether the catalog has a data file or a delete file of this name; runs in the catalog's SQLite.
-- grain: one row
-- columns: found (0 or 1)
-- parameters: name (of the file, without its folder)
select exists (
    select 1 from ducklake_data_file where path = $name or path like '%/' || $name
    union all
    select 1 from ducklake_delete_file where path = $name or path like '%/' || $name
) as found;
