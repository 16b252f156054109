-- Options in the catalog for how DuckLake writes files.
-- grain: option of the whole warehouse
-- columns: key, value
select key, value
from __ducklake_metadata_lake.ducklake_metadata
where scope is null;
