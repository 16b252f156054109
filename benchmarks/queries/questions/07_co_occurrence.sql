-- Which classes occur on the same images?
with classes as (
    select distinct document_key, image_id, category_name
    from labels
    where image_id is not null and category_name is not null
)

select one.category_name as category, other.category_name as other_category, count(*) as image_count
from classes as one
inner join classes as other
    on other.document_key = one.document_key
    and other.image_id = one.image_id
    and other.category_name > one.category_name
group by one.category_name, other.category_name
order by image_count desc, category, other_category
limit 100;
