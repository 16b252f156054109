-- How did the ingests of the last nights go?
-- grain: project, night with an ingest
-- columns: project, night (day on which the ingest began, UTC), ingest_count (ingests), committed_count (ingests
--   that stored something), unchanged_count (ingests that changed nothing), rejected_count (ingests that
--   failed), documents_added, documents_changed, documents_removed, documents_rejected, annotation_count (rows
--   written to annotations), quarantined, issues, bytes, seconds (sum of the durations of the ingests),
--   last_error (reason of the last rejection)
-- parameters: project (project; default null: all), nights (nights to show of each project, 1 or more; default 30)
select
    ingest_health.project,
    ingest_health.night,
    ingest_health.ingest_count,
    ingest_health.committed_count,
    ingest_health.unchanged_count,
    ingest_health.rejected_count,
    ingest_health.documents_added,
    ingest_health.documents_changed,
    ingest_health.documents_removed,
    ingest_health.documents_rejected,
    ingest_health.annotation_count,
    ingest_health.quarantined,
    ingest_health.issues,
    ingest_health.bytes,
    ingest_health.seconds,
    ingest_health.last_error
from ingest_health
where $project is null or ingest_health.project = $project
qualify row_number() over (
    partition by ingest_health.project order by ingest_health.night desc
) <= $nights::bigint
order by ingest_health.project, ingest_health.night desc;
