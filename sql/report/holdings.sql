-- Size of each project and the day of its last load. As in the marts, segments of panoptic labels count as labels,
-- and captions do not.
-- grain: project
-- columns: project, documents, images, labels, last_loaded (day of the last ingest that changed it, UTC)
-- parameters: project (null for all)
with sizes as (
    select
        documents.project,
        count(*) as documents,
        coalesce(sum(documents.image_count), 0)::bigint as images,
        max(ingests.started_at)::date as last_loaded
    from documents
    left join ingests on ingests.ingest_id = documents.ingest_id
    where $project is null or documents.project = $project
    group by documents.project
)

select sizes.project, sizes.documents, sizes.images, coalesce(image_coverage.label_count, 0) as labels, sizes.last_loaded
from sizes
left join image_coverage on image_coverage.project = sizes.project
order by labels desc, sizes.project;
