-- How many documents, images and labels came with each night?
select
    ingest_id,
    count(*) as document_count,
    sum(image_count) as image_count,
    sum(annotation_count) as label_count
from documents
group by ingest_id
order by ingest_id;
