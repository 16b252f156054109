-- How many images have how many labels?
with images_with_labels as (
    select document_key, image_id, count(*) as label_count
    from annotations
    group by document_key, image_id
)

select label_count, count(*) as image_count
from images_with_labels
group by label_count
order by label_count;
