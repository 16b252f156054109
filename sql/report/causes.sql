-- What the open findings of the checks have in common, the worst and most frequent first.
-- grain: project, check, cause, severity, and whether it is waived
-- columns: check_name, severity, cause (null: what the check finds), status (open or waived), project, document_id (if
--   it is one), document_title, document_count (null for all of the project), row_count, label_count, label_share (of
--   the labels of the project, from 0 to 1), finding_count, is_new (the last run of the check added some, and was not
--   the first run)
-- parameters: project (null for all)
with runs as (
    select
        check_results.check_name,
        coalesce(check_results.project, '') as project_key,
        max(check_results.checked_at) as checked_at,
        min(check_results.checked_at) as first_checked_at
    from check_results
    group by check_results.check_name, coalesce(check_results.project, '')
)

select
    finding_causes.check_name,
    finding_causes.severity,
    finding_causes.cause,
    finding_causes.status,
    finding_causes.project,
    finding_causes.document_id,
    documents.title as document_title,
    finding_causes.document_count,
    finding_causes.row_count,
    finding_causes.label_count,
    finding_causes.label_share,
    finding_causes.finding_count,
    coalesce(finding_causes.newest_at >= runs.checked_at and runs.checked_at > runs.first_checked_at, false)
        as is_new
from finding_causes
left join runs
    on runs.check_name = finding_causes.check_name
    and runs.project_key = coalesce(finding_causes.project, '')
left join documents
    on documents.project = finding_causes.project and documents.document_id = finding_causes.document_id
where $project is null or finding_causes.project = $project
order by
    finding_causes.status <> 'open',
    list_position(['error', 'warning', 'info'], finding_causes.severity),
    finding_causes.row_count desc,
    finding_causes.check_name,
    finding_causes.project,
    finding_causes.cause;
