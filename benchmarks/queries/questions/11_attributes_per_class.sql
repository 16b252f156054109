-- Which attributes do the labels of a class have, with how many different values?
select
    labels.category_name,
    attributes.name,
    count(*) as answer_count,
    count(distinct attributes.value) as value_count
from attributes
inner join labels
    on labels.document_key = attributes.document_key
    and labels.position = attributes.annotation_position
group by labels.category_name, attributes.name
order by answer_count desc, labels.category_name, attributes.name
limit 100;
