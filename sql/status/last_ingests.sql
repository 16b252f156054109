-- The latest attempts, newest first.
-- grain: attempt to load a source
-- columns: ingest_id, finished_at (UTC), project, status, source, annotations (written), error
select
    ingest_id,
    finished_at,
    project,
    status,
    source,
    annotation_count as annotations,
    error
from ingests
order by ingest_number desc
limit 10;
