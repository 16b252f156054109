-- What the open findings of the checks have in common, the worst and most frequent first.
-- grain: project, check, cause, severity, and whether it is waived
-- columns: check_name, severity, cause (null: what the check finds), status (open or waived), project, document_id (if
--   it is one), document_count (null for all of the project), row_count, label_count, label_share (of the labels of
--   the project, from 0 to 1), finding_count, is_new (the last night with a run of the checks added some), example
-- parameters: project (null for all)
with last_run as (
    select max(check_results.checked_at)::date as night
    from check_results
)

select
    finding_causes.check_name,
    finding_causes.severity,
    finding_causes.cause,
    finding_causes.status,
    finding_causes.project,
    finding_causes.document_id,
    finding_causes.document_count,
    finding_causes.row_count,
    finding_causes.label_count,
    finding_causes.label_share,
    finding_causes.finding_count,
    finding_causes.newest_at::date = last_run.night as is_new,
    finding_causes.example
from finding_causes
cross join last_run
where $project is null or finding_causes.project = $project
order by
    finding_causes.status <> 'open',
    list_position(['error', 'warning', 'info'], finding_causes.severity),
    finding_causes.row_count desc,
    finding_causes.check_name,
    finding_causes.project,
    finding_causes.cause;
