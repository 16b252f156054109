-- Values of each attribute of a class, with their counts.
-- grain: project, class, attribute (name and origin), value
-- columns: project, category_name, name (name of the attribute), origin (classification, relation or attribute),
--   value_type (string, number, boolean, null or json; other stands for all values beyond the 100 most frequent
--   of a document), value (as text, its first 200 characters; null for null and other), answer_count,
--   answer_share (share of the attribute's answers in the class, 0 to 1)
create or replace view attribute_values as
select
    documents.project,
    mart.category_name,
    mart.name,
    mart.origin,
    mart.value_type,
    mart.value,
    sum(mart.answer_count)::bigint as answer_count,
    sum(mart.answer_count) / sum(sum(mart.answer_count)) over (
        partition by documents.project, mart.category_name, mart.name, mart.origin
    ) as answer_share
from mart_attribute_values as mart
inner join documents on documents.document_key = mart.document_key
group by documents.project, mart.category_name, mart.name, mart.origin, mart.value_type, mart.value;
