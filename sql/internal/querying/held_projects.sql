-- Documents, images and annotations of each project.
-- grain: project
-- columns: project, documents, images, annotations
select
    project,
    count(*) as documents,
    sum(image_count)::bigint as images,
    sum(annotation_count)::bigint as annotations
from documents
group by project
order by project;
