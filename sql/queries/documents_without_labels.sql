-- Which documents have no label?
-- grain: document
-- columns: project, document_id, document_title (title of the document), media_type, image_count
-- parameters: project (project; default null: all), rows (rows at most, 1 or more; default 1000)
select
    documents.project,
    documents.document_id,
    documents.title as document_title,
    documents.media_type,
    documents.image_count
from documents
where documents.annotation_count = 0 and ($project is null or documents.project = $project)
order by documents.project, documents.document_id
limit $rows::bigint;
