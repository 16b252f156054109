-- Which sources could not be loaded, and why?
-- grain: ingest that was rejected
-- columns: project, source, started_at, error_code, error
-- parameters: project (project; default null: all), rows (rows at most, 1 or more; default 50)
select
    ingests.project,
    ingests.source,
    ingests.started_at,
    ingests.error_code,
    ingests.error
from ingests
where ingests.status = 'rejected' and ($project is null or ingests.project = $project)
order by ingests.ingest_number desc
limit $rows::bigint;
