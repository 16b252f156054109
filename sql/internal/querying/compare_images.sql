-- The images of one side of a comparison.
-- grain: image, by its key
-- columns: image_key, document_id, image_id, height and width (of the first document that has it), base_name (of
--   its file)
-- identifiers: table (the side)
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
    and images.image_key is not null
group by images.image_key;
