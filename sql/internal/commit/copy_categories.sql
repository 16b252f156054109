-- Copy the categories of a commit's document versions into a temporary table that hides that of the warehouse.
create temp table categories as
select *
from lake.main.categories
where category_set in (select category_set from temp.main.documents);
