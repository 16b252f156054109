-- Which labels have the smallest boxes? Points and polylines, which have no area, are left out.
-- grain: label
-- columns: project, document_id, image_key, label_id (identity of the label within the image), category_name
--   (name of the class), bbox_w, bbox_h, box_area (of the bounding box, square pixels)
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
    labels.bbox_w * labels.bbox_h as box_area
from labels
where
    ($project is null or labels.project = $project)
    and ($category is null or labels.category_name = $category)
    and labels.bbox_w * labels.bbox_h is not null
    and label_shape(
        labels.supercategory, labels.segmentation_kind, labels.num_keypoints, labels.rotation
    ) not in ('point', 'polyline')
order by box_area, labels.document_key, labels.position
limit $rows::bigint;
