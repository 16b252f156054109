-- Findings that have been mended since a time, or in the state of one of some ingests.
-- grain: finding
-- columns: check, severity, status (mended), cause, project, document_id, image_key, label_id, file_name (unknown),
--   category, annotation_id (unknown), what, rows (that it stood for), labels (that it stood for), waived (reason),
--   first_seen, first_seen_ingest, last_seen, last_seen_ingest, mended, mended_ingest, finding_id
-- parameters: project (null for all), checks (null for all), ingests (those whose state counts), since_at (null for none)
select
    finding_log.check_name as "check",
    finding_log.severity,
    'mended' as status,
    finding_log.cause,
    finding_log.project,
    finding_log.document_id,
    finding_log.image_key,
    finding_log.label_id,
    null::varchar as file_name,
    finding_log.category_name as category,
    null::bigint as annotation_id,
    finding_log.what,
    finding_log.row_count as "rows",
    finding_log.label_count as labels,
    finding_log.waived,
    finding_log.first_seen_at as first_seen,
    finding_log.first_seen_ingest_id as first_seen_ingest,
    finding_log.last_seen_at as last_seen,
    finding_log.last_seen_ingest_id as last_seen_ingest,
    finding_log.mended_at as mended,
    finding_log.mended_ingest_id as mended_ingest,
    finding_log.finding_id
from finding_log
where
    finding_log.mended_at is not null
    and ($project is null or finding_log.project = $project)
    and ($checks is null or finding_log.check_name in (select unnest($checks::varchar[])))
    and (
        coalesce(finding_log.mended_at > $since_at::timestamptz, false)
        or finding_log.mended_ingest_id in (select unnest($ingests::varchar[]))
    )
order by
    finding_log.check_name, finding_log.project, finding_log.document_id, finding_log.image_key, finding_log.label_id,
    finding_log.finding_id;
