-- Findings of the latest run of each check, per project and ingest.
-- grain: check, project and ingest
-- columns: ingest_id, project, check_name, severity, failing_count, error, checked_at, night (Day on which the
--   check ran, UTC)
select
    ingest_id,
    project,
    check_name,
    severity,
    failing_count,
    error,
    checked_at::timestamp as checked_at,
    checked_at::date as night
from lake.main.check_results
order by checked_at, project, check_name;
