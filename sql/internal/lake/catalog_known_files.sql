-- Names of all files that a catalog knows, including those that no snapshot needs any more; SQLite runs this.
-- grain: file
-- columns: path (its last part is a unique name)
select path
from ducklake_data_file
union all
select path
from ducklake_delete_file
union all
select path
from ducklake_files_scheduled_for_deletion;
