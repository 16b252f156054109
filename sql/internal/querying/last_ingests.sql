-- The latest ingests, newest first.
-- grain: ingest, failed ones included
-- columns: number, finished_at (UTC), project, status, annotations (written), error_code, source
select
    ingest_number as number,
    finished_at,
    project,
    status,
    annotation_count as annotations,
    error_code,
    source
from ingests
order by ingest_number desc
limit 10;
