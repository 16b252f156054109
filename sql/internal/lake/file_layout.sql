-- How DuckLake is to write files, as far as the catalog says so.
-- grain: option of the whole warehouse
-- columns: key, value
select key, value
from __ducklake_metadata_lake.ducklake_metadata
where scope is null;
