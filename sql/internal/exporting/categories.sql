-- Categories of some sets.
-- grain: category
-- columns: those of categories
-- parameters: category_sets
select categories.*
from categories
where categories.category_set in (select unnest($category_sets))
order by categories.category_set, categories.position;
