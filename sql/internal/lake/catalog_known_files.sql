-- Names of all files that a catalog knows, those included that no snapshot needs any more; asked of SQLite.
-- grain: file
-- columns: path (its last part is a name that is used once, ever)
select path
from ducklake_data_file
union all
select path
from ducklake_delete_file
union all
select path
from ducklake_files_scheduled_for_deletion;
