-- The categories of one set.
-- grain: category
-- columns: those of categories
-- parameters: category_set
select categories.*
from categories
where categories.category_set = $category_set
order by categories.position;
