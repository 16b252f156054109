-- How many labels has each class?
select category_name, count(*) as label_count
from labels
group by category_name
order by label_count desc, category_name
limit 100;
