-- Ingests that were committed since the marts were fresh and whose snapshots still exist.
-- grain: ingest
-- columns: snapshot_id (that its commit made), project, ingest_number, ingest_id, ingested_at (UTC)
-- parameters: since (snapshot whose rows the marts hold, -1 for none)
create or replace temp table new_ingests as
with commits as (
    select
        snapshots.snapshot_id,
        unnest(from_json(snapshots.commit_extra_info, '{"ingest_ids": ["varchar"]}').ingest_ids) as ingest_id
    from ducklake_snapshots('lake') as snapshots
    where snapshots.snapshot_id > $since and snapshots.commit_extra_info like '%"ingest_ids"%'
)

select
    commits.snapshot_id,
    ingests.project,
    ingests.ingest_number,
    ingests.ingest_id,
    ingests.started_at as ingested_at
from commits
inner join ingests on ingests.ingest_id = commits.ingest_id;
