-- How large are labels that are marked as occluded, by class?
select
    labels.category_name,
    count(*) as label_count,
    round(median(labels.bbox_w * labels.bbox_h), 3) as median_box_area
from attributes
inner join labels
    on labels.document_key = attributes.document_key
    and labels.position = attributes.annotation_position
where attributes.name = 'occluded' and attributes.value_boolean
group by labels.category_name
order by label_count desc, labels.category_name;
