-- Which labels have outlines with very many points?
-- grain: label
-- columns: project, document_id, image_key, label_id (identity of the label within the image), category_name
--   (name of the class), ring_count (rings of the label), point_count (points of all of them)
-- parameters: project (project; default null: all), category (name of a class; default null: all),
--   min_points (points at least, 1 or more; default 500), rows (rows at most, 1 or more; default 1000)
with counted as (
    select
        labels.*,
        len(labels.polygons) as ring_count,
        list_sum(list_transform(labels.polygons, lambda ring: len(ring) // 2))::bigint as point_count
    from labels
    where
        labels.segmentation_kind = 'polygon'
        and ($project is null or labels.project = $project)
        and ($category is null or labels.category_name = $category)
)

select
    counted.project,
    counted.document_id,
    counted.image_key,
    counted.label_id,
    counted.category_name,
    counted.ring_count,
    counted.point_count
from counted
where counted.point_count >= $min_points::bigint
order by counted.point_count desc, counted.document_key, counted.position
limit $rows::bigint;
