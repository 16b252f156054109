-- Which checks fail, by their latest run?
-- grain: project, check
-- columns: project, check_name, severity, failing_count (rows that the check found), error (why the check could
--   not run; null if it did), checked_at (when the check ran, UTC)
-- parameters: project (project; default null: all)
-- needs: labelhouse check
with latest as (
    select check_results.*
    from check_results
    where $project is null or check_results.project = $project or check_results.project is null
    qualify row_number() over (
        partition by check_results.project, check_results.check_name
        order by check_results.checked_at desc, check_results.ingest_id desc
    ) = 1
)

select
    latest.project,
    latest.check_name,
    latest.severity,
    latest.failing_count,
    latest.error,
    latest.checked_at
from latest
where latest.failing_count > 0 or latest.error is not null
order by latest.severity, latest.failing_count desc, latest.project, latest.check_name;
