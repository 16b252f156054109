-- Whether a snapshot can still be read, and which is the earliest that can.
-- grain: one row
-- columns: is_there, first_snapshot_id, first_snapshot_time
-- parameters: snapshot_id
select
    count(*) filter (where snapshot_id = $snapshot_id) = 1 as is_there,
    min(snapshot_id) filter (where snapshot_id > 0) as first_snapshot_id,
    min(snapshot_time) filter (where snapshot_id > 0) as first_snapshot_time
from lake.snapshots();
