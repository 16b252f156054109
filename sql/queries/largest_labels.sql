-- Which labels take up most of their image?
-- grain: label
-- columns: project, document_id, image_key, label_id (identity of the label within the image), category_name
--   (name of the class), bbox_w, bbox_h, image_share (area of the bounding box over that of the image; beyond 1
--   where it reaches outside)
-- parameters: project (project; default null: all), category (name of a class; default null: all),
--   rows (rows at most, 1 or more; default 20)
select
    labels.project,
    labels.document_id,
    labels.image_key,
    labels.label_id,
    labels.category_name,
    labels.bbox_w,
    labels.bbox_h,
    labels.bbox_w * labels.bbox_h / (labels.width * labels.height) as image_share
from labels
where
    ($project is null or labels.project = $project)
    and ($category is null or labels.category_name = $category)
    and labels.bbox_w * labels.bbox_h is not null
    and labels.width * labels.height > 0
order by image_share desc, labels.document_key, labels.position
limit $rows::bigint;
