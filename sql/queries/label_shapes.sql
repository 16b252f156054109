-- How many labels are boxes, polygons, points and so on?
-- grain: project, shape
-- columns: project, shape (bounding_box, rotatable_bounding_box, polygon, polyline, bitmask, point or skeleton),
--   label_count (labels), label_share (share of the project's labels, 0 to 1)
-- parameters: project (project; default null: all)
with shaped as (
    select
        counted_labels.project,
        label_shape(
            counted_labels.supercategory,
            counted_labels.segmentation_kind,
            counted_labels.num_keypoints,
            counted_labels.rotation,
            counted_labels.bbox_w
        ) as shape
    from counted_labels
    where $project is null or counted_labels.project = $project
)

select
    shaped.project,
    shaped.shape,
    count(*) as label_count,
    count(*) / sum(count(*)) over (partition by shaped.project) as label_share
from shaped
group by shaped.project, shaped.shape
order by shaped.project, label_count desc, shaped.shape;
