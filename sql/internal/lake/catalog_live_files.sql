-- Files of the newest snapshot in a catalog; SQLite runs this.
-- grain: file
-- columns: path (its last part is a unique name)
select path
from ducklake_data_file
where end_snapshot is null
union all
select path
from ducklake_delete_file
where end_snapshot is null;
