-- How far the marts are fresh.
-- grain: one row, none before the first refresh
-- columns: snapshot_id
select mart_state.snapshot_id
from mart_state;
