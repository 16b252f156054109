-- The files of the newest snapshot in a catalog; asked of SQLite.
-- grain: file
-- columns: path (its last part is a name that is used once, ever)
select path
from ducklake_data_file
where end_snapshot is null
union all
select path
from ducklake_delete_file
where end_snapshot is null;
