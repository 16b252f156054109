-- Which images have no label?
-- grain: image or frame
-- columns: project, document_id, image_key, file_name, frame, width, height
-- parameters: project (project; default null: all), document (document_id; default null: all)
select
    documents.project,
    documents.document_id,
    images.image_key,
    images.file_name,
    images.frame,
    images.width,
    images.height
from images
inner join documents on documents.document_key = images.document_key
anti join annotations
    on annotations.document_key = images.document_key and annotations.image_id = images.image_id
where
    ($project is null or documents.project = $project)
    and ($document is null or documents.document_id = $document)
order by documents.project, documents.document_id, images.position;
