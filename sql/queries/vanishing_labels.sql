-- How many labels of each class vanish when images are scaled for training? A label vanishes if its box is narrower or
-- lower than a few pixels when the longer side of its image has the training size.
-- grain: project, class
-- columns: project, category_name (name of the class), label_count (labels with a box, on images with a size),
--   vanishing_count (those that vanish), vanishing_share (of the labels, 0 to 1), image_count (images with a label that
--   vanishes), median_side (median of the shorter side after scaling, pixels)
-- parameters: project (project; default null: all), image_size (longer side in training, pixels, 1 or more; default
--   640), min_side (shorter side that a label needs, pixels, 0 or more; default 8), rows (rows at most, 1 or more;
--   default 1000)
with scaled as (
    select
        labels.project,
        labels.category_name,
        labels.document_key,
        labels.image_id,
        least(labels.bbox_w, labels.bbox_h) * $image_size::double / greatest(labels.width, labels.height) as side
    from labels
    where
        labels.bbox_w > 0
        and labels.bbox_h > 0
        and labels.width > 0
        and labels.height > 0
        and ($project is null or labels.project = $project)
)

select
    scaled.project,
    scaled.category_name,
    count(*) as label_count,
    count(*) filter (where scaled.side < $min_side::double) as vanishing_count,
    count(*) filter (where scaled.side < $min_side::double) / count(*) as vanishing_share,
    count(distinct (scaled.document_key, scaled.image_id)) filter (
        where scaled.side < $min_side::double
    ) as image_count,
    median(scaled.side) as median_side
from scaled
group by scaled.project, scaled.category_name
having vanishing_count > 0
order by vanishing_count desc, scaled.project, scaled.category_name
limit $rows::bigint;
