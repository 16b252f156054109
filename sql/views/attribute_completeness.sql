-- How many labels of a class have an answer to each attribute that labels of the class have in the project.
-- grain: project, class, attribute (name and origin)
-- columns: project, category_name, name (name of the attribute), origin (classification, relation or attribute),
--   label_count (labels of the class), present_count (labels that have the attribute, answered or not),
--   answered_count (labels with an answer, neither null nor an empty text), completeness (answered over labels
--   of the class, 0 to 1), number_count (answers that are numbers), number_mean (mean of these numbers),
--   number_min (smallest of them), number_max (greatest of them)
create or replace view attribute_completeness as
with classes as (
    select documents.project, mart.category_name, sum(mart.label_count)::bigint as label_count
    from mart_class_balance as mart
    inner join documents on documents.document_key = mart.document_key
    group by documents.project, mart.category_name
),

answers as (
    select
        documents.project,
        mart.category_name,
        mart.name,
        mart.origin,
        sum(mart.present_count)::bigint as present_count,
        sum(mart.answered_count)::bigint as answered_count,
        sum(mart.number_count)::bigint as number_count,
        sum(mart.number_sum) / nullif(sum(mart.number_count), 0) as number_mean,
        min(mart.number_min) as number_min,
        max(mart.number_max) as number_max
    from mart_attribute_completeness as mart
    inner join documents on documents.document_key = mart.document_key
    group by documents.project, mart.category_name, mart.name, mart.origin
)

select
    answers.project,
    answers.category_name,
    answers.name,
    answers.origin,
    classes.label_count,
    answers.present_count,
    answers.answered_count,
    answers.answered_count / classes.label_count as completeness,
    answers.number_count,
    answers.number_mean,
    answers.number_min,
    answers.number_max
from answers
inner join classes
    on classes.project = answers.project
    and classes.category_name is not distinct from answers.category_name;
