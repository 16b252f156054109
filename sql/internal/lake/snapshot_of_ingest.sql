-- The snapshot of the warehouse after an ingest: the one that its commit made. An ingest that committed nothing
-- has the one that it found (1, the empty warehouse, before the first commit).
-- grain: ingest (one or none)
-- columns: snapshot_id
-- parameters: ingest_id, ingest_number (one of them null)
with named as (
    select *
    from ingests
    where ingest_id = $ingest_id or ingest_number = $ingest_number
)

select
    coalesce(
        any_value(named.snapshot_id),
        max(earlier.snapshot_id) filter (where earlier.finished_at <= named.finished_at),
        1
    ) as snapshot_id
from named
cross join ingests as earlier
group by named.ingest_id;
