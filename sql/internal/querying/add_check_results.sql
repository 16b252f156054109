-- Results of the checks.
-- grain: check of a project
insert into check_results by name
select ingest_id, project, check_name, severity, failing_count, error, checked_at
from given_results;
