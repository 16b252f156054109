-- State of the warehouse that the marts hold.
-- grain: one row, none before the first refresh
-- columns: snapshot_id, refreshed_at (UTC; distinguishes refreshes), statements_hash (of the statements that
--   computed them)
select mart_state.snapshot_id, mart_state.refreshed_at, mart_state.statements_hash
from mart_state;
