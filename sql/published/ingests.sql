-- Ingests, including failed ones, with their day.
-- grain: ingest
-- columns: ingest_id, ingest_number, project, source, sha256, bytes, started_at, finished_at, night (Day of the
--   ingest, UTC), seconds (Work on the source, without waiting; seconds), status, documents_added,
--   documents_changed, documents_unchanged, documents_removed, documents_rejected, image_count, category_count,
--   annotation_count, keypoint_count, attribute_count, quarantined, issues, error_code, error, snapshot_id
select
    ingest_id,
    ingest_number,
    project,
    source,
    sha256,
    bytes,
    started_at::timestamp as started_at,
    finished_at::timestamp as finished_at,
    started_at::date as night,
    coalesce(seconds, epoch(finished_at - started_at)) as seconds,
    status,
    documents_added,
    documents_changed,
    documents_unchanged,
    documents_removed,
    documents_rejected,
    image_count,
    category_count,
    annotation_count,
    keypoint_count,
    attribute_count,
    quarantined,
    issues,
    error_code,
    error,
    snapshot_id
from ingests
order by ingest_number;
