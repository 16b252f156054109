-- The newest snapshot.
-- grain: one row
-- columns: snapshot_id, snapshot_time (UTC)
select snapshot_id, snapshot_time
from lake.snapshots()
order by snapshot_id desc
limit 1;
