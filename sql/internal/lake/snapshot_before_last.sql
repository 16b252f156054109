-- The snapshot before the newest commit of an ingest, up to some snapshot.
-- grain: one row
-- columns: snapshot_id (null if there is no commit yet)
-- parameters: project (null for any), until_snapshot
select max(snapshot_id) - 1 as snapshot_id
from ingests
where ($project is null or project = $project) and snapshot_id <= $until_snapshot;
