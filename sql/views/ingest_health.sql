-- How the ingests of each night went.
-- grain: project, night
-- columns: project, night (day on which the ingest began, UTC), ingest_count (ingests), committed_count (ingests
--   that stored something), unchanged_count (ingests that changed nothing), rejected_count (ingests that
--   failed), rejected_share (share of the ingests, 0 to 1), documents_added, documents_changed,
--   documents_removed, documents_rejected, annotation_count (rows written to annotations), quarantined (records
--   that could not be stored), issues (doubtful values that were stored), bytes (decoded bytes read), seconds
--   (work on the sources, without waiting; where that is not known the duration), last_error (reason of the last rejection)
create or replace view ingest_health as
select
    ingests.project,
    ingests.started_at::date as night,
    count(*) as ingest_count,
    count(*) filter (where ingests.status = 'committed') as committed_count,
    count(*) filter (where ingests.status = 'unchanged') as unchanged_count,
    count(*) filter (where ingests.status = 'rejected') as rejected_count,
    count(*) filter (where ingests.status = 'rejected') / count(*) as rejected_share,
    coalesce(sum(ingests.documents_added), 0)::bigint as documents_added,
    coalesce(sum(ingests.documents_changed), 0)::bigint as documents_changed,
    coalesce(sum(ingests.documents_removed), 0)::bigint as documents_removed,
    coalesce(sum(ingests.documents_rejected), 0)::bigint as documents_rejected,
    coalesce(sum(ingests.annotation_count), 0)::bigint as annotation_count,
    coalesce(sum(ingests.quarantined), 0)::bigint as quarantined,
    coalesce(sum(ingests.issues), 0)::bigint as issues,
    coalesce(sum(ingests.bytes), 0)::bigint as bytes,
    sum(
        -- ingests from before the column was there, and killed ones, know only when they began and ended
        coalesce(
            ingests.seconds, date_diff('millisecond', ingests.started_at, ingests.finished_at) / 1000
        )
    ) as seconds,
    arg_max(ingests.error, ingests.ingest_number) as last_error
from ingests
where ingests.status not in ('migrated', 'forgot')
group by ingests.project, ingests.started_at::date;
