-- What sizes do images have?
-- grain: project, width and height
-- columns: project, width, height, image_count (images or frames), image_share (share of the project's images,
--   0 to 1)
-- parameters: project (project; default null: all)
select
    documents.project,
    images.width,
    images.height,
    count(*) as image_count,
    count(*) / sum(count(*)) over (partition by documents.project) as image_share
from images
inner join documents on documents.document_key = images.document_key
where $project is null or documents.project = $project
group by documents.project, images.width, images.height
order by documents.project, image_count desc, images.width, images.height;
