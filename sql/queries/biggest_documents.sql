-- Which documents have the most labels?
-- grain: document
-- columns: project, document_id, document_title (title of the document), media_type, image_count, annotation_count,
--   labels_per_image (labels over images; null without images)
-- parameters: project (project; default null: all), rows (rows at most, 1 or more; default 20)
select
    documents.project,
    documents.document_id,
    documents.title as document_title,
    documents.media_type,
    documents.image_count,
    documents.annotation_count,
    documents.annotation_count / nullif(documents.image_count, 0) as labels_per_image
from documents
where $project is null or documents.project = $project
order by documents.annotation_count desc, documents.project, documents.document_id
limit $rows::bigint;
