-- The files of all snapshots in a catalog; asked of SQLite.
-- grain: file
-- columns: path (its last part is a name that is used once, ever)
select path
from ducklake_data_file
union all
select path
from ducklake_delete_file;
