-- Version of the tables that the warehouse was created with.
-- grain: one row
-- columns: schema_version
select schema_version
from fence;
