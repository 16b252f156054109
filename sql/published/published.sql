-- State of the warehouse that this file shows, and the time at which it was written.
-- grain: one row
-- columns: published_at (When the file was written, UTC), ingest_number (Number of the last ingest that the file
--   shows), ingest_id (That ingest), ingested_at (When that ingest began, UTC), snapshot_id (Snapshot of the
--   warehouse that the file shows), label_count (Labels in the file), labels_written (Labels written since the
--   file was last rebuilt, including those replaced since), layout (Hash of the statements that the file was
--   made with), version (Version of Labelhouse)
-- parameters: snapshot_id, labels_written, layout, version
select
    now()::timestamp as published_at,
    max(ingest_number) as ingest_number,
    arg_max(ingest_id, ingest_number) as ingest_id,
    max(started_at) as ingested_at,
    $snapshot_id::bigint as snapshot_id,
    (select count(*) from published.main.labels) as label_count,
    $labels_written::bigint as labels_written,
    $layout as layout,
    $version as version
from published.main.ingests;
