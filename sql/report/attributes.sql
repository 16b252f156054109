-- How many labels of a class answer each of its attributes. The attributes that most labels lack come first.
-- grain: class, attribute
-- columns: category_name, name (of the attribute), origin, labels (of the class), answered, completeness
--   (answered over labels, 0 to 1)
-- parameters: project (null for all)
select
    category_name,
    name,
    origin,
    sum(label_count)::bigint as labels,
    sum(answered_count)::bigint as answered,
    sum(answered_count) / nullif(sum(label_count), 0) as completeness
from attribute_completeness
where $project is null or project = $project
group by category_name, name, origin
order by labels - answered desc, category_name, name, origin;
