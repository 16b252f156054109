-- Which boxes are much wider or narrower than is usual in their class? Points and polylines are left out.
-- grain: label
-- columns: project, document_id, image_key, label_id (identity of the label within the image), category_name
--   (name of the class), bbox_w, bbox_h, aspect_ratio (width over height), class_median (median of that over
--   the class), times (how many times wider or narrower than the median)
-- parameters: project (project; default null: all),
--   factor (how many times wider or narrower, 1 or more; default 3),
--   min_labels (labels that a class must have for a median to mean something, 1 or more; default 5), rows (rows at most,
--   1 or more; default 1000)
with measured as (
    select
        labels.*,
        labels.bbox_w / labels.bbox_h as aspect_ratio
    from labels
    where
        ($project is null or labels.project = $project)
        and labels.bbox_w > 0
        and labels.bbox_h > 0
        and label_shape(
            labels.supercategory, labels.segmentation_kind, labels.num_keypoints, labels.rotation, labels.bbox_w
        ) not in ('point', 'polyline')
),

usual as (
    select measured.project, measured.category_name, median(measured.aspect_ratio) as class_median
    from measured
    group by measured.project, measured.category_name
    having count(*) >= $min_labels::bigint
),

compared as (
    select
        measured.*,
        usual.class_median,
        greatest(
            measured.aspect_ratio / usual.class_median, usual.class_median / measured.aspect_ratio
        ) as times
    from measured
    inner join usual
        on usual.project = measured.project
        and usual.category_name is not distinct from measured.category_name
)

select
    compared.project,
    compared.document_id,
    compared.image_key,
    compared.label_id,
    compared.category_name,
    compared.bbox_w,
    compared.bbox_h,
    compared.aspect_ratio,
    compared.class_median,
    compared.times
from compared
where compared.times >= $factor::double
order by compared.times desc, compared.document_key, compared.position
limit $rows::bigint;
