-- Files of all snapshots in a catalog; SQLite runs this.
-- grain: file
-- columns: path (its last part is a unique name)
select path
from ducklake_data_file
union all
select path
from ducklake_delete_file;
