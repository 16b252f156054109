-- Checks whose findings this run updates: those that ran, unless a run that began later has updated them.
-- grain: check and project
-- columns: check_name, project, ingest_id, last_seen_ingest_id, last_seen_at (of the latest run before)
-- parameters: checked_at (when this run began)
create or replace temp table finding_scope as
with earlier as (
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
    check_scope.check_name,
    check_scope.project,
    check_scope.ingest_id,
    earlier.ingest_id as last_seen_ingest_id,
    earlier.checked_at as last_seen_at
from check_scope
left join earlier
    on earlier.check_name = check_scope.check_name
    and earlier.project_key = coalesce(check_scope.project, '')
where earlier.checked_at is null or earlier.checked_at < $checked_at;
