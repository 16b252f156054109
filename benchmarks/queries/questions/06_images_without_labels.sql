-- How many images of each document have no label? The documents with most of them.
select images.document_key, count(*) as image_count
from images
anti join annotations
    on annotations.document_key = images.document_key
    and annotations.image_id = images.image_id
group by images.document_key
order by image_count desc, images.document_key
limit 100;
