-- How many labels of each document did a person draw, and how many did a model make?
-- grain: project, document that has labels
-- columns: project, document_id, document_title (title of the document), label_count (labels),
--   manual_count (drawn by a person), automated_count (made by a model or interpolated), unknown_count (the
--   export does not say), automation_rate (automated over manual and automated, 0 to 1; null where the export
--   says nothing)
-- parameters: project (project; default null: all)
select
    documents.project,
    documents.document_id,
    documents.title as document_title,
    count(*) as label_count,
    count(*) filter (where annotations.manual_annotation) as manual_count,
    count(*) filter (where not annotations.manual_annotation) as automated_count,
    count(*) filter (where annotations.manual_annotation is null) as unknown_count,
    avg((not annotations.manual_annotation)::integer) as automation_rate
from annotations
inner join documents on documents.document_key = annotations.document_key
where $project is null or documents.project = $project
group by documents.project, documents.document_id, documents.title
order by documents.project, documents.document_id;
