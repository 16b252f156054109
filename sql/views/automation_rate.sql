-- How many labels of each class a person drew and how many a model made.
-- grain: project, class
-- columns: project, category_name, label_count, manual_count (drawn by a person), automated_count (made by a
--   model or interpolated), unknown_count (the export does not say), automation_rate (automated over manual
--   and automated, 0 to 1; null where the export says nothing)
create or replace view automation_rate as
select
    documents.project,
    mart.category_name,
    sum(mart.label_count)::bigint as label_count,
    sum(mart.manual_count)::bigint as manual_count,
    sum(mart.automated_count)::bigint as automated_count,
    sum(mart.label_count - mart.manual_count - mart.automated_count)::bigint as unknown_count,
    sum(mart.automated_count) / nullif(sum(mart.manual_count + mart.automated_count), 0) as automation_rate
from mart_class_balance as mart
inner join documents on documents.document_key = mart.document_key
group by documents.project, mart.category_name;
