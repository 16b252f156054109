-- Which images have the most labels?
-- grain: image or frame
-- columns: project, document_id, image_key, file_name, label_count (labels), class_count (classes among them)
-- parameters: project (project; default null: all), rows (rows at most, 1 or more; default 20)
select
    labels.project,
    labels.document_id,
    labels.image_key,
    labels.file_name,
    count(*) as label_count,
    count(distinct labels.category_name) as class_count
from labels
where labels.image_key is not null and ($project is null or labels.project = $project)
group by labels.project, labels.document_id, labels.document_key, labels.image_id, labels.image_key, labels.file_name
order by label_count desc, labels.project, labels.document_id, labels.image_key
limit $rows::bigint;
