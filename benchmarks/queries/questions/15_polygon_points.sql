-- How many points do the polygons of a class have?
select
    category_name,
    count(*) as label_count,
    sum(list_sum(list_transform(polygons, lambda ring: len(ring) // 2)))::bigint as point_count
from labels
where segmentation_kind = 'polygon'
group by category_name
order by point_count desc, category_name
limit 100;
