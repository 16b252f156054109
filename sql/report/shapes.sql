-- Labels of each shape.
-- grain: shape
-- columns: shape, labels, classes (with labels of the shape), label_share (of all labels, 0 to 1)
-- parameters: project (null for all)
select
    shape,
    sum(label_count)::bigint as labels,
    count(distinct category_name) as classes,
    sum(label_count) / nullif(sum(sum(label_count)) over (), 0) as label_share
from shapes_per_class
where $project is null or project = $project
group by shape
order by labels desc, shape;
