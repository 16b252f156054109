-- How many labels of each document a person drew and how many a model made.
-- grain: project, document (those with labels)
-- columns: project, document_id, document_title (title of the document), label_count, manual_count (drawn by a
--   person), automated_count (made by a model or interpolated), unknown_count (the export does not say),
--   automation_rate (automated over manual and automated, 0 to 1; null where the export says nothing)
create or replace view automation_by_document as
select
    documents.project,
    documents.document_id,
    documents.title as document_title,
    sum(mart.label_count)::bigint as label_count,
    sum(mart.manual_count)::bigint as manual_count,
    sum(mart.automated_count)::bigint as automated_count,
    sum(mart.label_count - mart.manual_count - mart.automated_count)::bigint as unknown_count,
    sum(mart.automated_count) / nullif(sum(mart.manual_count + mart.automated_count), 0) as automation_rate
from mart_class_balance as mart
inner join documents on documents.document_key = mart.document_key
group by documents.project, documents.document_id, documents.title;
