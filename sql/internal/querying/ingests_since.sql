-- Ingests that changed a project after a snapshot.
-- grain: ingest
-- columns: ingest_id
-- parameters: snapshot_id
select ingests.ingest_id
from ingests
where ingests.snapshot_id > $snapshot_id;
