-- How many labels of each class are small, medium and large, by their boxes?
select
    category_name,
    count(*) filter (where bbox_w * bbox_h < 1024) as small_count,
    count(*) filter (where bbox_w * bbox_h >= 1024 and bbox_w * bbox_h < 9216) as medium_count,
    count(*) filter (where bbox_w * bbox_h >= 9216) as large_count
from labels
group by category_name
order by count(*) desc, category_name
limit 100;
