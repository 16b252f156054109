-- How far the marts are fresh.
-- grain: one row, none before the first refresh
-- columns: snapshot_id, refreshed_at (UTC; tells one refresh from another)
select mart_state.snapshot_id, mart_state.refreshed_at
from mart_state;
