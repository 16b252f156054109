-- How many labels of each class are small, medium and large?
-- grain: project, class
-- columns: project, category_name (name of the class; null for labels without one), label_count (labels),
--   small_count (area below 32 x 32 square pixels; of the box, where a label states none), medium_count (below 96 x 96), large_count (the rest),
--   unknown_count (points, and labels of unknown extent)
-- parameters: project (project; default null: all)
with sized as (
    select
        counted_labels.project,
        counted_labels.category_name,
        size_class(counted_labels.bbox_w, counted_labels.bbox_h, counted_labels.area) as size
    from counted_labels
    where $project is null or counted_labels.project = $project
)

select
    sized.project,
    sized.category_name,
    count(*) as label_count,
    count(*) filter (where sized.size = 'small') as small_count,
    count(*) filter (where sized.size = 'medium') as medium_count,
    count(*) filter (where sized.size = 'large') as large_count,
    count(*) filter (where sized.size is null) as unknown_count
from sized
group by sized.project, sized.category_name
order by sized.project, label_count desc, sized.category_name;
