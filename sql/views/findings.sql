-- Findings of the checks, each from the run that saw it first on: open, waived or mended.
-- grain: finding (a finding that comes back after it was mended is another row)
-- columns: finding_id, check_name, severity (error, warning or info: what the finding means), cause, project,
--   document_id (null in a finding about the project as a whole), image_key (null in one about no single image),
--   label_id, category_name (of the label, or that the finding is about), what,
--   status (open, waived or mended), is_group, row_count (failing rows that it stands for), label_count (labels that
--   it stands for; 0 for one about no label), waived, first_seen_ingest_id, first_seen_at,
--   last_seen_ingest_id (latest ingest of the project when it was last seen), last_seen_at (when the last run began
--   that saw it, UTC), mended_ingest_id, mended_at
create or replace view findings as
with latest as (
    select
        check_results.check_name,
        coalesce(check_results.project, '') as project_key,
        arg_max(check_results.ingest_id, check_results.checked_at) as ingest_id,
        max(check_results.checked_at) as checked_at
    from check_results
    where check_results.error is null
    group by check_results.check_name, coalesce(check_results.project, '')
)

select
    finding_log.finding_id,
    finding_log.check_name,
    finding_log.severity,
    finding_log.cause,
    finding_log.project,
    finding_log.document_id,
    finding_log.image_key,
    finding_log.label_id,
    finding_log.category_name,
    finding_log.what,
    case
        when finding_log.mended_at is not null then 'mended'
        when finding_log.waived is not null then 'waived'
        else 'open'
    end as status,
    finding_log.is_group,
    finding_log.row_count,
    finding_log.label_count,
    finding_log.waived,
    finding_log.first_seen_ingest_id,
    finding_log.first_seen_at,
    coalesce(finding_log.last_seen_ingest_id, latest.ingest_id, finding_log.first_seen_ingest_id)
        as last_seen_ingest_id,
    coalesce(finding_log.last_seen_at, latest.checked_at, finding_log.first_seen_at) as last_seen_at,
    finding_log.mended_ingest_id,
    finding_log.mended_at
from finding_log
left join latest
    on finding_log.mended_at is null
    and latest.check_name = finding_log.check_name
    and latest.project_key = coalesce(finding_log.project, '');
