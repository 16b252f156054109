-- How evenly are the labels spread over the classes?
-- grain: project, class that has labels
-- columns: project, category_name (name of the class; null for labels without one), label_count (labels),
--   label_share (share of the project's labels, 0 to 1), times_rarer (labels of the most frequent class for
--   each label of this one)
-- parameters: project (project; default null: all)
with counted as (
    select counted_labels.project, counted_labels.category_name, count(*) as label_count
    from counted_labels
    where $project is null or counted_labels.project = $project
    group by counted_labels.project, counted_labels.category_name
)

select
    counted.project,
    counted.category_name,
    counted.label_count,
    counted.label_count / sum(counted.label_count) over (partition by counted.project) as label_share,
    max(counted.label_count) over (partition by counted.project) / counted.label_count as times_rarer
from counted
order by counted.project, counted.label_count desc, counted.category_name;
