-- Snapshots to be expired: those that a newer one had replaced by a given time. The state as of that time stays,
-- and the newest snapshot always stays.
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
