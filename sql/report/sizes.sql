-- Labels of each class by size class, the most frequent classes first.
-- grain: class
-- columns: category_name, labels, small (below 32 x 32 pixels), medium (below 96 x 96), large, without_extent
--   (points, labels without box and area)
-- parameters: project (null for all)
select
    category_name,
    sum(label_count)::bigint as labels,
    coalesce(sum(label_count) filter (where size_class = 'small'), 0)::bigint as small,
    coalesce(sum(label_count) filter (where size_class = 'medium'), 0)::bigint as medium,
    coalesce(sum(label_count) filter (where size_class = 'large'), 0)::bigint as large,
    coalesce(sum(label_count) filter (where size_class is null), 0)::bigint as without_extent
from size_classes
where $project is null or project = $project
group by category_name
order by labels desc, category_name;
