-- How do the ten largest classes develop from night to night?
with largest as (
    select category_name
    from labels
    group by category_name
    order by count(*) desc, category_name
    limit 10
)

select labels.category_name, labels.ingest_id, count(*) as label_count
from labels
inner join largest on largest.category_name = labels.category_name
group by labels.category_name, labels.ingest_id
order by labels.category_name, labels.ingest_id;
