-- The images of the documents that a side's predictions are for.
-- grain: image, by its key
-- columns: as those of a side with labels
-- identifiers: table (the side), predictions (its predictions)
-- parameters: snapshot, project, document (document_id; null for all)
create or replace temp table {table} as
select
    images.image_key,
    min(documents.document_id) as document_id,
    arg_min(images.image_id, documents.document_id) as image_id,
    arg_min(images.height, documents.document_id) as height,
    arg_min(images.width, documents.document_id) as width,
    regexp_extract(any_value(coalesce(images.file_name, images.coco_url)), '[^/\\]*$') as base_name
from images at (version => $snapshot)
inner join documents at (version => $snapshot) on documents.document_key = images.document_key
where
    documents.project = $project
    and ($document is null or documents.document_id = $document)
    and documents.document_id in (select predicted.document_id from {predictions} as predicted)
    and images.image_key is not null
group by images.image_key;
