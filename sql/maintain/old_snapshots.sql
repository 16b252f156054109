-- The snapshots to be forgotten: old ones, but never the newest.
-- grain: snapshot
-- columns: snapshot_id
-- parameters: $older_than (UTC)
select snapshot_id
from lake.snapshots()
where snapshot_time < $older_than
    and snapshot_id < (select max(snapshot_id) from lake.snapshots())
order by snapshot_id;
