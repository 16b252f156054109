-- How many labels did each class have after half of the nights?
with nights as (
    select distinct document_key >> 32 as night
    from documents
),

half as (
    select quantile_disc(night, 0.5) as night
    from nights
)

select category_name, count(*) as label_count
from labels
where document_key >> 32 <= (select night from half)
group by category_name
order by label_count desc, category_name
limit 100;
