-- Findings of the latest run of each check.
-- grain: check
-- columns: check_name, severity, failing (rows of all projects), projects (with failing rows), error (why it
--   could not run), checked_at (UTC)
-- parameters: project (null for all)
with latest as (
    select *
    from check_results
    qualify
        row_number() over (
            partition by project, check_name order by checked_at desc, ingest_id desc
        ) = 1
)

select
    check_name,
    any_value(severity) as severity,
    sum(failing_count)::bigint as failing,
    count(*) filter (where failing_count > 0) as projects,
    any_value(error) as error,
    max(checked_at)::timestamp as checked_at
from latest
where $project is null or project = $project or project is null
group by check_name
order by
    max(latest.error) is null,
    coalesce(sum(failing_count), 0) = 0,
    max(latest.severity) <> 'error',
    sum(failing_count) desc,
    check_name;
