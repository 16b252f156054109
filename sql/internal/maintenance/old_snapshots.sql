-- The snapshots to be forgotten: those that were already replaced by the next one at some time. Kept is
-- thus the state as of that time, too, and always the newest.
-- grain: snapshot
-- columns: snapshot_id
-- parameters: $replaced_before (UTC)
with snapshots as (
    select snapshot_id, lead(snapshot_time) over (order by snapshot_id) as replaced_at
    from lake.snapshots()
)

select snapshot_id
from snapshots
where replaced_at < $replaced_before
order by snapshot_id;
