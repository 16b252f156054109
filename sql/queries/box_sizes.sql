-- How large are the boxes of each class?
-- grain: project, class
-- columns: project, category_name (name of the class; null for labels without one), label_count (labels with
--   a box; points have none), width_median (pixels), height_median (pixels), area_min (of the box, square
--   pixels), area_median (square pixels), area_max (square pixels)
-- parameters: project (project; default null: all)
select
    labels.project,
    labels.category_name,
    count(*) as label_count,
    median(labels.bbox_w) as width_median,
    median(labels.bbox_h) as height_median,
    min(labels.bbox_w * labels.bbox_h) as area_min,
    median(labels.bbox_w * labels.bbox_h) as area_median,
    max(labels.bbox_w * labels.bbox_h) as area_max
from labels
where size_class(labels.bbox_w, labels.bbox_h) is not null and ($project is null or labels.project = $project)
group by labels.project, labels.category_name
order by labels.project, label_count desc, labels.category_name;
