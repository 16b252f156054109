-- Where the files of the lake lie; for PostgreSQL.
-- grain: one row, none in a new catalog
-- columns: data_path
select value as data_path
from public.ducklake_metadata
where key = 'data_path' and scope is null;
