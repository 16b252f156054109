-- How many labels are boxes, polygons, points and so on?
-- grain: project, shape
-- columns: project, shape (bounding_box, rotatable_bounding_box, polygon, polyline, bitmask, point or skeleton),
--   label_count (labels), label_share (share of the project's labels, 0 to 1)
-- parameters: project (project; default null: all)
with shaped as (
    select
        labels.project,
        label_shape(labels.supercategory, labels.segmentation_kind, labels.num_keypoints, labels.rotation) as shape
    from labels
    where $project is null or labels.project = $project
)

select
    shaped.project,
    shaped.shape,
    count(*) as label_count,
    count(*) / sum(count(*)) over (partition by shaped.project) as label_share
from shaped
group by shaped.project, shaped.shape
order by shaped.project, label_count desc, shaped.shape;
