-- How many labels do images have?
-- grain: project, number of labels on an image
-- columns: project, label_count (labels on an image), image_count (images with that many labels), image_share
--   (share of the project's images, 0 to 1)
-- parameters: project (project; default null: all)
with shown as (
    select distinct documents.project, images.document_key, images.image_id
    from images
    inner join documents on documents.document_key = images.document_key
    where $project is null or documents.project = $project
),

counted as (
    select shown.project, shown.document_key, shown.image_id, count(annotations.position) as label_count
    from shown
    left join annotations
        on annotations.document_key = shown.document_key and annotations.image_id = shown.image_id
    group by shown.project, shown.document_key, shown.image_id
)

select
    counted.project,
    counted.label_count,
    count(*) as image_count,
    count(*) / sum(count(*)) over (partition by counted.project) as image_share
from counted
group by counted.project, counted.label_count
order by counted.project, counted.label_count;
