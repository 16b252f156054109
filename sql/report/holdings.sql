-- What the report says of each project: how much it holds, and when it was loaded last.
-- grain: project
-- columns: project, documents, images, labels, last_loaded (day of the last ingest that changed it, UTC)
-- parameters: project (null for all)
select
    documents.project,
    count(*) as documents,
    coalesce(sum(documents.image_count), 0)::bigint as images,
    coalesce(sum(documents.annotation_count), 0)::bigint as labels,
    max(ingests.started_at)::date as last_loaded
from documents
left join ingests on ingests.ingest_id = documents.ingest_id
where $project is null or documents.project = $project
group by documents.project
order by labels desc, documents.project;
