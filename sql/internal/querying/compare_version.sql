-- The version of the tables in a state.
-- grain: one row
-- columns: schema_version
-- parameters: snapshot
select schema_version
from fence at (version => $snapshot);
