-- Sources that the last night of their project rejected, and that it has not loaded since.
-- grain: ingest
-- columns: project, source, rejected_at (UTC), error_code, error
-- parameters: project (null for all)
with last_nights as (
    select ingests.project, max(ingests.night) as night
    from ingests
    where $project is null or ingests.project = $project
    group by ingests.project
)

select
    ingests.project,
    ingests.source,
    max(ingests.started_at) as rejected_at,
    arg_max(ingests.error_code, ingests.ingest_number) as error_code,
    arg_max(ingests.error, ingests.ingest_number) as error
from ingests
inner join last_nights on last_nights.project = ingests.project and last_nights.night = ingests.night
group by ingests.project, ingests.source
having arg_max(ingests.status, ingests.ingest_number) = 'rejected'
order by rejected_at desc, ingests.project, ingests.source;
