-- Names of all files that the catalog knows, including those that no snapshot needs any more.
-- grain: file
-- columns: name (without folders; unique)
select parse_filename(path) as name
from __ducklake_metadata_lake.ducklake_data_file
union all
select parse_filename(path)
from __ducklake_metadata_lake.ducklake_delete_file
union all
select parse_filename(path)
from __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion;
