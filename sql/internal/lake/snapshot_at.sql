-- The newest snapshot at a moment. The ledger knows expired snapshots: its ingests finished when their commits
-- began.
-- grain: one row
-- columns: snapshot_id (null before the first snapshot)
-- parameters: moment
with living as (
    select snapshot_id, snapshot_time
    from lake.snapshots()
),

expired as (
    select snapshot_id, finished_at as snapshot_time
    from ingests
    where snapshot_id is not null and snapshot_id not in (select snapshot_id from living)
),

known as (
    select * from living
    union all
    select * from expired
)

select max(snapshot_id) as snapshot_id
from known
where snapshot_time <= $moment;
