-- Names of all files that the catalog knows, those included that no snapshot needs any more.
-- grain: file
-- columns: name (without folders; a name is used once, ever)
select parse_filename(path) as name
from __ducklake_metadata_lake.ducklake_data_file
union all
select parse_filename(path)
from __ducklake_metadata_lake.ducklake_delete_file
union all
select parse_filename(path)
from __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion;
